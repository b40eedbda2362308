import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { Reason } from '../reason.schema.ts'
import { gateAppointmentLifecycle, gatePurposes } from './gate.ts'
import { told } from '../told.ts'

const Instant = (description: string) => Type.String({ format: 'date-time', description })
const Uuid = Type.String({ format: 'uuid' })
const Capacity = Type.Integer({ minimum: 0, maximum: 10_000, description: 'Trucks that can come' })

export const NewGateSlot = Type.Object(
  {
    UNLocationCode: Type.String({ pattern: unLocationCodePattern }),
    startsAt: Instant('First moment'),
    endsAt: Instant('First moment after it'),
    capacity: Capacity,
  },
  { additionalProperties: false },
)
export type NewGateSlot = Static<typeof NewGateSlot>

export const GateSlotChange = Type.Object({ capacity: Capacity }, { additionalProperties: false })

export const GateSlot = Type.Object(
  {
    id: Uuid,
    ...NewGateSlot.properties,
    booked: Type.Integer({ minimum: 0, description: 'Places that are taken' }),
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'GateSlot' },
)
export type GateSlot = Static<typeof GateSlot>

export const GateSlotParams = Type.Object({ id: Uuid })

export const GateSlotQuery = Type.Object(
  {
    ...pageQuery,
    UNLocationCode: Type.String({ pattern: unLocationCodePattern, description: 'The port' }),
    from: Type.Optional(Instant('Only slots that begin then or later')),
  },
  { additionalProperties: false },
)
export type GateSlotQuery = Static<typeof GateSlotQuery>

export const GateSlotAppointmentsQuery = Type.Object(pageQuery, { additionalProperties: false })
export type GateSlotAppointmentsQuery = Static<typeof GateSlotAppointmentsQuery>

export const NewGateAppointment = Type.Object(
  {
    gateSlotId: Uuid,
    purpose: Type.Enum(gatePurposes, { type: 'string' }),
    truckLicencePlate: Type.String({ pattern: '^[A-Z0-9][A-Z0-9 -]{0,14}$' }),
  },
  { additionalProperties: false },
)
export type NewGateAppointment = Static<typeof NewGateAppointment>

export const GateAppointment = Type.Object(
  {
    id: Uuid,
    containerVisitId: Uuid,
    ...NewGateAppointment.properties,
    state: Type.Enum([...gateAppointmentLifecycle.stateNames], { type: 'string' }),
    bookedAt: Instant('When it was booked'),
    bookedBy: Subject,
    arrivedAt: nullable(Instant('When the truck came')),
    completedAt: nullable(Instant('When the truck left')),
    reason: nullable(Type.String({ ...told.reason, description: 'Why it was cancelled' })),
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'GateAppointment' },
)
export type GateAppointment = Static<typeof GateAppointment>

export const GateAppointmentParams = Type.Object({ id: Uuid, appointmentId: Uuid })

/** What is said with an action on an appointment; a cancellation says why. */
export const GateDecision = Type.Object(
  { reason: Type.Optional(Reason) },
  { additionalProperties: false },
)
