import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { flows, states } from './container-visits/container-visit.ts'

const visit = {
  containerVisitId: Type.String({ format: 'uuid' }),
  equipmentReference: Type.String(),
  flow: Type.Enum(flows, { type: 'string' }),
  UNLocationCode: Type.String(),
}

const State = Type.Enum(states, { type: 'string' })

/** What carga tells the other services. */
export const events = defineEvents({
  'carga.container-visit.announced': {
    description: 'A container is expected at the port, or aboard a ship that comes to it',
    data: Type.Object({
      ...visit,
      ISOEquipmentCode: Type.String(),
      isEmpty: Type.Boolean(),
      state: State,
    }),
  },
  'carga.container-visit.state-changed': {
    description: 'Events recorded or retracted have changed the state of a container visit',
    data: Type.Object({ ...visit, from: State, to: State }),
  },
})
