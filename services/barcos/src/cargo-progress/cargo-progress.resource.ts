import { Knowledge } from '@porttrack/shared/events/knowledge'
import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { cargoProgressRoutes } from './cargo-progress.routes.ts'
import { CargoProgress } from './cargo-progress.schema.ts'
import { cargoProgressStore } from './cargo-progress.store.ts'

export const cargoProgress = defineResource({
  schemas: [Knowledge, CargoProgress],
  routes: (app, { database }: BarcosContext) => {
    app.register(cargoProgressRoutes, {
      prefix: '/port-calls',
      cargoProgress: cargoProgressStore({ database }),
    })
  },
})
