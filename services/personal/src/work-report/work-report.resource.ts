import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { nightInAt } from '../rest/night.ts'
import { workReportRoutes } from './work-report.routes.ts'
import { WorkReportLine } from './work-report.schema.ts'
import { workReportStore } from './work-report.store.ts'

export const workReport = defineResource({
  schemas: [WorkReportLine],
  routes: (app, { database, cursors, config }: PersonalContext) => {
    const { TIME_ZONE: timeZone, WEEKLY_HOURS: weeklyHours } = config
    const terms = { timeZone, weeklyHours, nightIn: nightInAt(timeZone) }
    const report = workReportStore({ database, cursors, terms })
    app.register(workReportRoutes, { prefix: '/work-report', report })
  },
})
