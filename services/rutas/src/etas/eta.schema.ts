import { type Static, type TSchema, Type } from 'typebox'
import { passageChoice, RoutePlace } from '../sea-routes/sea-route.schema.ts'
import { Coordinates, Mmsi } from '../targets/target.schema.ts'
import { told } from '../told.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Moment = (description: string) => Type.String({ format: 'date-time', description })

export const EtaQuery = Type.Object(
  {
    to: Type.Optional(RoutePlace('Where the ship goes, the declared destination unless given')),
    speed: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 102.2,
        description: 'Knots to reckon with instead of those of the last fix',
      }),
    ),
    requested: Type.Optional(Moment('When the port wants the ship to arrive')),
    ...passageChoice,
  },
  { additionalProperties: false },
)
export type EtaQuery = Static<typeof EtaQuery>

/** What an estimate rests on. */
export const etaReasons = [
  'POSITION',
  'POSITION_OLD',
  'DESTINATION_DECLARED',
  'DISTANCE',
  'SPEED_GIVEN',
  'SPEED_OVER_GROUND',
  'NOT_UNDER_WAY',
  'CANAL_SPEED',
  'PASSAGES_CLOSED',
] as const
export type EtaReason = (typeof etaReasons)[number]

/** An estimate beside another time. */
export const Comparison = Type.Object({
  time: Moment('The other time'),
  differenceMinutes: Type.Integer({
    description: 'Minutes from that time to the estimate; negative when the ship is earlier',
  }),
  punctuality: Type.Union([Type.Literal('EARLY'), Type.Literal('ON_TIME'), Type.Literal('LATE')], {
    description: 'ON_TIME within ETA_TOLERANCE_MINUTES, both included',
  }),
})
export type Comparison = Static<typeof Comparison>

/** A reason in the caller's language. */
const EtaReasonText = Type.Object({
  code: Type.Enum([...etaReasons]),
  detail: told.sentence,
})

/** Each reason is given once at most. */
export const EtaReasonTexts = Type.Array(EtaReasonText, {
  maxItems: etaReasons.length,
  description: 'What the estimate rests on',
})

export const Eta = Type.Object(
  {
    mmsi: Mmsi,
    position: Coordinates,
    positionAt: Moment('Time of the fix that it is reckoned from'),
    destination: Type.Object({
      UNLocationCode: nullable(told.unLocationCode),
      position: Coordinates,
    }),
    distance: Type.Number({ minimum: 0, description: 'Nautical miles still to go' }),
    speed: nullable(Type.Number({ description: 'Knots reckoned with' })),
    arrival: nullable(Moment('Null for a ship that is not under way, unless a speed is given')),
    reasons: EtaReasonTexts,
    declared: nullable(Comparison),
    requested: nullable(Comparison),
    route: Type.Ref('SeaRoute'),
  },
  { $id: 'Eta' },
)
