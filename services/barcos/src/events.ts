import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { approachPlaceKinds, approachPlaceLifecycle } from './approach-places/approach-place.ts'
import { berthLifecycle, facilityCodeListProviders } from './berths/berth.ts'
import { authorityNames, clearanceStates } from './clearances/clearance.ts'
import { nullable } from './nullable.ts'
import { placeChanges } from './places/place-change.ts'
import { nullablyDeclared } from './port-calls/port-call.schema.ts'
import { portCallActions, portCallPurposes, portCallStates } from './port-calls/port-call.ts'
import { releaseCauses } from './reservations/reservation.ts'
import { sources } from './reporter.ts'
import {
  orderedServiceTypes,
  serviceOrderActions,
  serviceOrderStates,
} from './service-orders/service-order.ts'
import { vesselStates } from './vessels/vessel.ts'
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

/** Whose call it is: the agent's, and the carrier's and the terminal's that are declared. */
const ofParties = ['agentOrganization', 'carrierOrganization', 'terminalOrganization'] as const
const parties = {
  agentOrganization: Type.String(),
  carrierOrganization: nullable(Type.String()),
  terminalOrganization: nullable(Type.String()),
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

/** What tells a service order apart. */
const serviceOrder = {
  orderId: Uuid,
  portCallId: Uuid,
  agentOrganization: Type.String(),
  portCallServiceTypeCode: Type.Enum([...orderedServiceTypes]),
  portCallPhaseTypeCode: nullable(Type.Enum([...phases])),
  providerOrganization: Type.String(),
}

/** Metres of a berth in a window. */
const place = {
  berthId: Uuid,
  berthCode: Type.String(),
  berthName: Type.String(),
  fromMetre: Type.Number(),
  toMetre: Type.Number(),
  startsAt: Instant,
  endsAt: Instant,
}

const reservation = {
  reservationId: Uuid,
  portCallId: Uuid,
  ...parties,
  ...vessel,
  UNLocationCode: Type.String(),
  facilityCode: nullable(Type.String()),
  ...place,
  alongsideFrom: nullable(Instant),
  alongsideTo: nullable(Instant),
}

/** A ship as another system knows it. */
const ship = {
  ...vessel,
  callSign: nullable(Type.String()),
  flag: nullable(Type.String()),
  type: nullable(Type.String()),
  state: Type.Enum([...vesselStates]),
}

/** A block of metres of a berth. */
const approachPlaceBlock = Type.Object({
  blockId: Uuid,
  approachPlaceId: Uuid,
  kind: Type.Enum([...approachPlaceKinds]),
  UNLocationCode: Type.String(),
  code: Type.String(),
  startsAt: Instant,
  endsAt: Instant,
  reason: Type.String(),
})

const block = Type.Object({
  blockId: Uuid,
  berthId: Uuid,
  UNLocationCode: Type.String(),
  berthCode: Type.String(),
  fromMetre: Type.Number(),
  toMetre: Type.Number(),
  startsAt: Instant,
  endsAt: Instant,
  reason: Type.String(),
})

export const events = defineEvents({
  'barcos.vessel.registered': {
    description: 'A vessel was registered; the subject is its id',
    data: Type.Object(ship),
  },
  'barcos.vessel.changed': {
    description:
      'A vessel’s identity, particulars or state have changed, `changed` naming which; the subject is its id',
    data: Type.Object({ ...ship, changed: Type.Array(Type.String()) }),
  },
  'barcos.port-call.announced': {
    description: 'An agent has announced a port call; the subject is its id',
    organizations: ofParties,
    data: Type.Object(portCall),
  },
  'barcos.port-call.amended': {
    description:
      'What is declared of a port call was amended before the ship arrived; the subject is its id',
    organizations: ofParties,
    data: Type.Object({
      ...portCall,
      changed: Type.Array(Type.String(), { description: 'Names of what was changed' }),
    }),
  },
  'barcos.port-call.state-changed': {
    description: 'A decision has brought a port call into another state; the subject is its id',
    organizations: ofParties,
    data: Type.Object({
      portCallId: Uuid,
      ...parties,
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
    organizations: ofParties,
    data: Type.Object({
      portCallId: Uuid,
      ...parties,
      ...vessel,
      UNLocationCode: Type.String(),
      authority: Type.Enum([...authorityNames]),
      state: Type.Enum([...clearanceStates]),
      reason: nullable(Type.String()),
    }),
  },
  'barcos.departure.authorized': {
    description: 'The ship of a port call may leave; the subject is the call’s id',
    organizations: ofParties,
    data: Type.Object({
      portCallId: Uuid,
      ...parties,
      ...vessel,
      UNLocationCode: Type.String(),
      etd: nullable(Instant),
      authorizedAt: Instant,
    }),
  },
  'barcos.departure.withdrawn': {
    description: 'The ship of a port call may no longer leave; the subject is the call’s id',
    organizations: ofParties,
    data: Type.Object({
      portCallId: Uuid,
      ...parties,
      ...vessel,
      UNLocationCode: Type.String(),
      reason: Type.String(),
    }),
  },
  'barcos.timestamp.recorded': {
    description:
      'A timestamp of a port call service was recorded; the subject is its id, and `portCallId` is null for an orphan',
    organizations: ofParties,
    data: Type.Object({
      timestampId: Uuid,
      portCallId: nullable(Uuid),
      agentOrganization: nullable(Type.String()),
      carrierOrganization: nullable(Type.String()),
      terminalOrganization: nullable(Type.String()),
      portCallServiceId: nullable(Uuid),
      replyTo: nullable(Uuid),
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
  'barcos.timestamp.attached': {
    description: 'An orphan timestamp was attached to a port call; the subject is its id',
    organizations: ofParties,
    data: Type.Object({ timestampId: Uuid, portCallId: Uuid, ...parties }),
  },
  'barcos.timestamp.detached': {
    description:
      'A timestamp no longer belongs to a port call and is an orphan; the subject is its id',
    organizations: ofParties,
    data: Type.Object({ timestampId: Uuid, portCallId: Uuid, ...parties }),
  },
  'barcos.service-order.requested': {
    description: 'A service was ordered for a port call; the subject is the order’s id',
    organizations: ['agentOrganization', 'providerOrganization'],
    data: Type.Object({
      ...serviceOrder,
      UNLocationCode: Type.String(),
      requestedDateTime: Instant,
      quantity: nullable(Type.Integer()),
    }),
  },
  'barcos.service-order.state-changed': {
    description: 'A service order has come into another state; the subject is its id',
    organizations: ['agentOrganization', 'providerOrganization'],
    data: Type.Object({
      ...serviceOrder,
      serviceDateTime: Instant,
      action: Type.Enum([...serviceOrderActions]),
      from: Type.Enum([...serviceOrderStates]),
      to: Type.Enum([...serviceOrderStates]),
      reason: nullable(Type.String()),
    }),
  },
  'barcos.berth.reserved': {
    description:
      'Metres of a berth are reserved for a port call; the subject is the reservation’s id',
    organizations: ofParties,
    data: Type.Object(reservation),
  },
  'barcos.berth.reservation-changed': {
    description:
      'A reservation was moved to other metres, another berth or window, or its ship is alongside; the subject is its id',
    organizations: ofParties,
    data: Type.Object({ ...reservation, previous: Type.Object(place) }),
  },
  'barcos.berth.reservation-released': {
    description:
      'The metres of a reservation are free again, or the rest of its window is; the subject is its id',
    organizations: ofParties,
    data: Type.Object({ ...reservation, cause: Type.Enum([...releaseCauses]) }),
  },
  'barcos.berth.changed': {
    description:
      'A berth was made, replaced, closed, opened or removed; the subject is its id, `reason` says why it was last closed or opened',
    data: Type.Object({
      berthId: Uuid,
      UNLocationCode: Type.String(),
      code: Type.String(),
      name: Type.String(),
      facilityCode: nullable(Type.String()),
      facilityCodeListProvider: nullable(Type.Enum([...facilityCodeListProviders])),
      quayLength: Type.Number(),
      depth: Type.Number(),
      state: Type.Enum([...berthLifecycle.stateNames]),
      reason: nullable(Type.String()),
      change: Type.Enum([...placeChanges]),
      version: Type.Integer(),
    }),
  },
  'barcos.berth.blocked': {
    description: 'Metres of a berth are blocked for a time; the subject is the block’s id',
    data: block,
  },
  'barcos.berth.unblocked': {
    description: 'A block of a berth was lifted before its end; the subject is the block’s id',
    data: block,
  },
  'barcos.approach-place.blocked': {
    description:
      'No ship is sent to an anchorage or pilot boarding place for a time; the subject is the block’s id',
    data: approachPlaceBlock,
  },
  'barcos.approach-place.unblocked': {
    description:
      'A block of an anchorage or pilot boarding place was lifted before its end; the subject is the block’s id',
    data: approachPlaceBlock,
  },
  'barcos.approach-place.changed': {
    description:
      'An anchorage or pilot boarding place was made, replaced, closed, opened or removed; the subject is its id, `reason` says why it was last closed or opened',
    data: Type.Object({
      approachPlaceId: Uuid,
      kind: Type.Enum([...approachPlaceKinds]),
      UNLocationCode: Type.String(),
      code: Type.String(),
      name: Type.String(),
      state: Type.Enum([...approachPlaceLifecycle.stateNames]),
      reason: nullable(Type.String()),
      change: Type.Enum([...placeChanges]),
      version: Type.Integer(),
    }),
  },
})
