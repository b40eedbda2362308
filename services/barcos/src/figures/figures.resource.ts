import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { figuresRoutes } from './figures.routes.ts'
import { DayFigures, Figures } from './figures.schema.ts'
import { figuresStore } from './figures.store.ts'

export const figures = defineResource({
  schemas: [DayFigures, Figures],
  routes: (app, { database, config, timeZoneAt }: BarcosContext) => {
    app.register(figuresRoutes, {
      prefix: '/figures',
      figures: figuresStore({ database }),
      timeZoneAt,
      onTimeToleranceSeconds: config.ON_TIME_TOLERANCE_SECONDS,
    })
  },
})
