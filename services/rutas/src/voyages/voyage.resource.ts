import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { transportCallRoutes } from './transport-call.routes.ts'
import { voyageRoutes } from './voyage.routes.ts'
import {
  CallAtPort,
  TransportCall,
  Voyage,
  VoyageDeviation,
  VoyageEta,
  VoyageTimelineEntry,
} from './voyage.schema.ts'
import { voyageStore } from './voyage.store.ts'
import { transportCallLifecycle, voyageErrors, voyageLifecycle } from './voyage.ts'

export const voyages = defineResource({
  errors: [voyageErrors],
  lifecycles: [voyageLifecycle, transportCallLifecycle],
  schemas: [TransportCall, VoyageDeviation, VoyageEta, Voyage, CallAtPort, VoyageTimelineEntry],
  routes: (app, given: RutasContext) => {
    const { prisma, database, journal, cursors, seaNetwork, config, rules } = given
    const store = voyageStore({
      prisma,
      database,
      journal,
      cursors,
      seaNetwork,
      toleranceMinutes: config.ETA_TOLERANCE_MINUTES,
      lostAfter: rules.lostAfter,
    })
    app.register(voyageRoutes, { prefix: '/voyages', store })
    app.register(transportCallRoutes, { prefix: '/transport-calls', store })
  },
})
