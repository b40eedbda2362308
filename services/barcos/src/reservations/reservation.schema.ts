import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { dangerousGoodsClassPattern } from './dangerous-goods-class.ts'
import { reservationLifecycle, sidesAlongside } from './reservation.ts'
import { told } from '../text.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = (description: string) => Type.String({ format: 'date-time', description })
const Metre = (description: string) =>
  Type.Number({ minimum: 0, maximum: 100_000, description: `${description}, metres` })
const Bollard = (description: string) =>
  Type.String({ minLength: 1, maxLength: 10, pattern: String.raw`\S`, description })

/** Classes and divisions of dangerous goods that a ship declares, at most. */
const mostClasses = 100

/** What the ship brings that a berth must be made for. */
export const cargoProperties = {
  dangerousGoodsClasses: Type.Optional(
    Type.Array(Type.String({ pattern: dangerousGoodsClassPattern, examples: ['1.4S'] }), {
      maxItems: mostClasses,
      uniqueItems: true,
      description: 'Classes and divisions of dangerous goods aboard (IMDG Code)',
      examples: [['3', '1.4S']],
    }),
  ),
  reefers: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 10_000, description: 'Reefers that need a plug' }),
  ),
  predictedTide: Type.Optional(
    Type.Number({
      minimum: -20,
      maximum: 20,
      description:
        'Least tide that is predicted for the stay, metres above the charted depth; the port’s allowance unless given',
    }),
  ),
}

export const ReservationRequest = Type.Object(
  {
    berthId: Uuid,
    startsAt: Instant('Beginning of the window'),
    endsAt: Instant('End of the window, which does not belong to it'),
    fromMetre: Type.Optional(Metre('Where the hull begins, from the quay’s zero mark')),
    toMetre: Type.Optional(
      Metre('Where the hull ends; as far from `fromMetre` as the ship is long unless given'),
    ),
    fromBollard: Type.Optional(Bollard('Instead of metres: bollard where the hull begins')),
    toBollard: Type.Optional(Bollard('Instead of metres: bollard where the hull ends')),
    sideAlongside: Type.Optional(
      Type.Enum([...sidesAlongside], { description: 'Which side of the ship lies at the quay' }),
    ),
    ...cargoProperties,
  },
  { additionalProperties: false },
)
export type ReservationRequest = Static<typeof ReservationRequest>

export const LocalTime = Type.String({
  maxLength: 100,
  description: 'On the port’s clock, with offset and zone (RFC 9557)',
  examples: ['2026-12-01T10:00:00+01:00[Europe/Madrid]'],
})

export const Reservation = Type.Object(
  {
    id: Uuid,
    portCallId: Uuid,
    state: Type.Enum([...reservationLifecycle.stateNames]),
    UNLocationCode: told.unLocationCode,
    berthId: Uuid,
    berthCode: told.placeCode,
    berthName: told.placeName,
    fromMetre: Type.Number(),
    toMetre: Type.Number(),
    fromBollard: nullable(
      Type.String({ ...told.bollard, description: 'Last bollard before the hull begins' }),
    ),
    toBollard: nullable(
      Type.String({ ...told.bollard, description: 'First bollard after it ends' }),
    ),
    startsAt: Instant('Beginning of the window'),
    endsAt: Instant('End of the window, which does not belong to it'),
    startsAtLocal: LocalTime,
    endsAtLocal: LocalTime,
    reservedFrom: Instant('Beginning of the window as it was agreed, should the ship come early'),
    reservedUntil: Instant('End of the window as it was agreed, should the ship leave early'),
    sideAlongside: nullable(Type.Enum([...sidesAlongside])),
    dangerousGoodsClasses: Type.Array(told.code, { maxItems: mostClasses }),
    reefers: Type.Integer(),
    predictedTide: nullable(Type.Number()),
    alongsideFrom: nullable(Instant('When the ship was made fast')),
    alongsideTo: nullable(Instant('When the ship had left')),
    releasedAt: nullable(Instant('When it was given up')),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Instant('When it was made'),
    updatedAt: Instant('When it was changed last'),
  },
  { $id: 'Reservation' },
)
export type Reservation = Static<typeof Reservation>

/** All reservations of a call, few as they are. */
export const Reservations = Type.Object({ items: Type.Array(Type.Ref('Reservation')) })
