import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { portCallStates } from '../port-calls/port-call.ts'
import { LocalTime } from '../reservations/reservation.schema.ts'
import { sidesAlongside } from '../reservations/reservation.ts'
import { told } from '../text.ts'

/** The longest plan in one answer; days. */
const longestPlan = 14

const Uuid = Type.String({ format: 'uuid' })
const Instant = (description: string) => Type.String({ format: 'date-time', description })

export const BerthPlanQuery = Type.Object(
  {
    UNLocationCode: Type.String({
      pattern: unLocationCodePattern,
      description: 'The port, UN/LOCODE',
      examples: ['ESALG'],
    }),
    date: Type.Optional(
      Type.String({
        format: 'date',
        description: 'First day of the plan on the port’s calendar; today there unless given',
      }),
    ),
    days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: longestPlan,
        default: 1,
        description: 'Days on the port’s calendar, one of 23 or 25 hours when its clocks change',
      }),
    ),
  },
  { additionalProperties: false },
)
export type BerthPlanQuery = Static<typeof BerthPlanQuery>

const window = {
  fromMetre: Type.Number(),
  toMetre: Type.Number(),
  fromBollard: nullable(
    Type.String({ ...told.bollard, description: 'Last bollard before the metres begin' }),
  ),
  toBollard: nullable(
    Type.String({ ...told.bollard, description: 'First bollard after they end' }),
  ),
  startsAt: Instant('Beginning of the window'),
  endsAt: Instant('End of the window, which does not belong to it'),
  startsAtLocal: LocalTime,
  endsAtLocal: LocalTime,
  version: Type.Integer({ minimum: 1 }),
  updatedAt: Instant('When it was changed last'),
}

const PlannedReservation = Type.Object(
  {
    id: Uuid,
    portCallId: nullable(Uuid),
    portCallState: nullable(Type.Enum([...portCallStates])),
    vesselName: nullable(told.vesselName),
    vesselIMONumber: nullable(told.shipNumber),
    lengthOverall: nullable(Type.Number({ description: 'Metres' })),
    ...window,
    sideAlongside: nullable(Type.Enum([...sidesAlongside])),
    alongsideFrom: nullable(Instant('When the ship was made fast')),
    alongsideTo: nullable(Instant('When the ship had left')),
    alongsideFromLocal: nullable(LocalTime),
    alongsideToLocal: nullable(LocalTime),
    misfits: Type.Array(told.code, {
      description:
        'Codes of the conditions that the ship has come to break there, as it is registered and declared now',
    }),
    overdue: Type.Boolean({
      description:
        'The ship lies there longer than was reserved; its window ends by its declared departure, and not within the hour',
    }),
  },
  {
    description:
      'Of another organisation’s call, which you may not know of, only metres and window are shown',
  },
)

const PlannedBlock = Type.Object({ id: Uuid, reason: told.reason, ...window })

export const BerthPlan = Type.Object(
  {
    UNLocationCode: told.unLocationCode,
    timeZone: Type.String({
      ...told.timeZone,
      description: 'IANA zone of the port',
      examples: ['Europe/Madrid'],
    }),
    date: Type.String({ format: 'date' }),
    days: Type.Integer(),
    from: Instant('Beginning of the first day'),
    to: Instant('End of the last day'),
    fromLocal: LocalTime,
    toLocal: LocalTime,
    berths: Type.Array(
      Type.Object({
        id: Uuid,
        code: told.placeCode,
        name: told.placeName,
        state: told.code,
        stateReason: nullable(told.reason),
        quayLength: Type.Number({ description: 'Metres' }),
        depth: Type.Number({ description: 'Metres' }),
        reservations: Type.Array(PlannedReservation),
        blocks: Type.Array(PlannedBlock),
      }),
      { description: 'Every berth of the port by code, also those where nothing is planned' },
    ),
  },
  { $id: 'BerthPlan' },
)
export type BerthPlan = Static<typeof BerthPlan>
