import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { authorityNames, clearanceStates } from './clearances/clearance.ts'
import { nullable } from './nullable.ts'
import { nullablyDeclared } from './port-calls/port-call.schema.ts'
import { portCallActions, portCallPurposes, portCallStates } from './port-calls/port-call.ts'
import { sources } from './reporter.ts'
import { classifiers, eventTypes, phases, serviceTypes } from './timestamps/port-call-matrix.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })

/** What tells the ship of a call apart, for services that know no vessel ids. */
const vessel = {
  vesselId: Uuid,
  vesselIMONumber: nullable(Type.String()),
  MMSINumber: nullable(Type.String()),
  vesselName: Type.String(),
}

/** A whole port call. */
const portCall = {
  portCallId: Uuid,
  ...vessel,
  agentOrganization: Type.String(),
  UNLocationCode: Type.String(),
  purposes: Type.Array(Type.Enum([...portCallPurposes])),
  ...nullablyDeclared,
  state: Type.Enum([...portCallStates]),
}

export const events = defineEvents({
  'barcos.port-call.announced': {
    description: 'An agent has announced a port call; the subject is its id',
    data: Type.Object(portCall),
  },
  'barcos.port-call.amended': {
    description:
      'What is declared of a port call was amended before the ship arrived; the subject is its id',
    data: Type.Object({
      ...portCall,
      changed: Type.Array(Type.String(), { description: 'Names of what was changed' }),
    }),
  },
  'barcos.port-call.state-changed': {
    description: 'A decision has brought a port call into another state; the subject is its id',
    data: Type.Object({
      portCallId: Uuid,
      ...vessel,
      UNLocationCode: Type.String(),
      eta: nullable(Instant),
      etd: nullable(Instant),
      action: Type.Enum([...portCallActions]),
      from: Type.Enum([...portCallStates]),
      to: Type.Enum([...portCallStates]),
      reason: nullable(Type.String()),
      occurredAt: nullable(Instant),
      source: Type.Enum([...sources]),
      berthId: nullable(
        Type.String({
          format: 'uuid',
          description: 'The berth that the ship lies at from now on, or has left for sea',
        }),
      ),
    }),
  },
  'barcos.clearance.decided': {
    description:
      'An authority has granted or refused the clearance of a port call; the subject is the call’s id',
    data: Type.Object({
      portCallId: Uuid,
      ...vessel,
      UNLocationCode: Type.String(),
      authority: Type.Enum([...authorityNames]),
      state: Type.Enum([...clearanceStates]),
      reason: nullable(Type.String()),
    }),
  },
  'barcos.departure.authorized': {
    description: 'The ship of a port call may leave; the subject is the call’s id',
    data: Type.Object({
      portCallId: Uuid,
      ...vessel,
      UNLocationCode: Type.String(),
      etd: nullable(Instant),
      authorizedAt: Instant,
    }),
  },
  'barcos.departure.withdrawn': {
    description: 'The ship of a port call may no longer leave; the subject is the call’s id',
    data: Type.Object({
      portCallId: Uuid,
      ...vessel,
      UNLocationCode: Type.String(),
      reason: Type.String(),
    }),
  },
  'barcos.timestamp.recorded': {
    description:
      'A timestamp of a port call service was recorded; the subject is its id, and `portCallId` is null for an orphan',
    data: Type.Object({
      timestampId: Uuid,
      portCallId: nullable(Uuid),
      UNLocationCode: nullable(Type.String()),
      portCallServiceTypeCode: Type.Enum([...serviceTypes]),
      portCallServiceEventTypeCode: Type.Enum([...eventTypes]),
      portCallPhaseTypeCode: nullable(Type.Enum([...phases])),
      classifierCode: Type.Enum([...classifiers]),
      serviceDateTime: Instant,
      source: Type.Enum([...sources]),
      reportedIMONumber: nullable(Type.String()),
      reportedMMSINumber: nullable(Type.String()),
    }),
  },
})
