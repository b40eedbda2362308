import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { approachPlaceErrors, approachPlaceLifecycle } from './approach-place.ts'
import { approachPlaceBlockRoutes } from './approach-place-block.routes.ts'
import { ApproachPlaceBlock } from './approach-place-block.schema.ts'
import { approachPlaceBlockStore } from './approach-place-block.store.ts'
import { approachPlaceRoutes } from './approach-place.routes.ts'
import { Anchorage, PilotBoardingPlace } from './approach-place.schema.ts'
import { approachPlaceStore } from './approach-place.store.ts'

export const approachPlaces = defineResource({
  errors: [approachPlaceErrors],
  lifecycles: [approachPlaceLifecycle],
  schemas: [Anchorage, PilotBoardingPlace, ApproachPlaceBlock],
  routes: (app, { database, cursors }: BarcosContext) => {
    for (const [prefix, kind] of [
      ['/anchorages', 'ANCHORAGE'],
      ['/pilot-boarding-places', 'PILOT_BOARDING_PLACE'],
    ] as const) {
      const approachPlaces = approachPlaceStore({ kind, database, cursors })
      app.register(approachPlaceRoutes, { prefix, kind, database, approachPlaces })
      const blocks = approachPlaceBlockStore({ kind, database, cursors })
      app.register(approachPlaceBlockRoutes, {
        prefix: `${prefix}/:id/blocks`,
        kind,
        database,
        blocks,
      })
    }
  },
})
