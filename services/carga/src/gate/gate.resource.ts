import { defineResource } from '@porttrack/shared/service/define-resource'
import { containerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaContext } from '../context.ts'
import { gateAppointmentLifecycle, gateErrors } from './gate.ts'
import { passageConditions } from './gate-passage.ts'
import { gateRoutes } from './gate.routes.ts'
import { GateAppointment, GateSlot } from './gate.schema.ts'
import { gateStore } from './gate.store.ts'

export const gate = defineResource({
  errors: [gateErrors],
  lifecycles: [gateAppointmentLifecycle],
  conditions: [passageConditions],
  schemas: [GateSlot, GateAppointment],
  routes: (app, { database, cursors }: CargaContext) => {
    app.register(gateRoutes, {
      database,
      containerVisits: containerVisitStore({ database, cursors }),
      gate: gateStore({ database, cursors }),
    })
  },
})
