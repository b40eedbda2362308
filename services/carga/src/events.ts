import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { TrackAndTraceEvent } from './track-and-trace/dcsa-event.schema.ts'
import { nullable } from './nullable.ts'
import { flows, states } from './container-visits/container-visit.ts'

const visit = {
  containerVisitId: Type.String({ format: 'uuid' }),
  equipmentReference: Type.String(),
  flow: Type.Enum(flows, { type: 'string' }),
  UNLocationCode: Type.String(),
  carrierOrganization: nullable(Type.String()),
}

/** Whose visit it is. */
const ofCarrier = ['carrierOrganization'] as const

const State = Type.Enum(states, { type: 'string' })

/** What carga tells the other services. */
export const events = defineEvents({
  'carga.container-visit.announced': {
    description: 'A container is expected at the port, or aboard a ship that comes to it',
    organizations: ofCarrier,
    data: Type.Object({
      ...visit,
      ISOEquipmentCode: Type.String(),
      isEmpty: Type.Boolean(),
      state: State,
    }),
  },
  'carga.container-visit.state-changed': {
    description: 'Events recorded or retracted have changed the state of a container visit',
    organizations: ofCarrier,
    data: Type.Object({ ...visit, from: State, to: State }),
  },
  'carga.tracked-event.recorded': {
    description:
      'An event of a container was recorded, updated or retracted; `event` is one of DCSA Track and Trace 3.0',
    organizations: ofCarrier,
    data: Type.Object({
      carrierOrganization: nullable(Type.String()),
      event: Type.Object(TrackAndTraceEvent.properties),
    }),
  },
})
