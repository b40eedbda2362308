import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { timelineRoutes } from './timeline.routes.ts'
import { TimelineEntry } from './timeline.schema.ts'
import { timelineStore } from './timeline.store.ts'

export const timeline = defineResource({
  schemas: [TimelineEntry],
  routes: (app, { database, cursors, timeZoneAt }: BarcosContext) => {
    const timeline = timelineStore({ database, cursors, timeZoneAt })
    app.register(timelineRoutes, { timeline, timeZoneAt })
  },
})
