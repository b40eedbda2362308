import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { TrackAndTraceEvent } from './track-and-trace/dcsa-event.schema.ts'
import { cargoLists } from './cargo-lists/cargo-list.ts'
import { Forecast } from './cargo-lists/cargo-list.schema.ts'
import { CutOffTimes } from './cut-offs/cut-off.schema.ts'
import { holdAuthorityNames } from './holds/hold.ts'
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

/** Whose port call it is. */
const ofParties = ['agentOrganization', 'carrierOrganization', 'terminalOrganization'] as const

const call = {
  portCallId: Type.String({ format: 'uuid' }),
  UNLocationCode: Type.String(),
  agentOrganization: Type.String(),
  carrierOrganization: nullable(Type.String()),
  terminalOrganization: nullable(Type.String()),
}

const hold = Type.Object({
  holdId: Type.String({ format: 'uuid' }),
  ...visit,
  authority: Type.Enum(holdAuthorityNames, { type: 'string' }),
  reason: Type.String({ description: 'Why it was placed, or released' }),
})

const Progress = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  done: Type.Integer({ minimum: 0 }),
})

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
  'carga.hold.placed': {
    description: 'An authority keeps a container where it is; the subject is the hold’s id',
    organizations: ofCarrier,
    data: hold,
  },
  'carga.hold.released': {
    description: 'An authority has lifted its hold of a container; the subject is the hold’s id',
    organizations: ofCarrier,
    data: hold,
  },
  'carga.vgm.declared': {
    description:
      'A verified gross mass was declared, or a declaration retracted, of a container in a visit',
    organizations: ofCarrier,
    data: Type.Object({
      ...visit,
      declarationReference: Type.String(),
      isRetracted: Type.Boolean(),
    }),
  },
  'carga.cut-offs.set': {
    description: 'Until when cargo must come for a port call was set; the subject is the call’s id',
    organizations: ofParties,
    data: Type.Object({
      portCallId: Type.String({ format: 'uuid' }),
      agentOrganization: Type.String(),
      carrierOrganization: nullable(Type.String()),
      terminalOrganization: nullable(Type.String()),
      cutOffs: Type.Object(CutOffTimes.properties),
    }),
  },
  'carga.moves.forecast': {
    description:
      'The load or discharge list of a port call has come or changed: how many moves there are; the subject is the call’s id',
    organizations: ofParties,
    data: Type.Object({ ...call, load: Forecast, discharge: Forecast }),
  },
  'carga.moves.progressed': {
    description:
      'How many moves of a port call’s lists are done; told of late changes together; the subject is the call’s id',
    organizations: ofParties,
    data: Type.Object({ ...call, load: Progress, discharge: Progress }),
  },
  'carga.cargo-list.completed': {
    description:
      'The last container of a list was loaded or discharged; the subject is the call’s id',
    organizations: ofParties,
    data: Type.Object({
      ...call,
      list: Type.Enum(cargoLists, { type: 'string' }),
      total: Type.Integer(),
    }),
  },
})
