import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { cargoProperties, LocalTime } from '../reservations/reservation.schema.ts'
import { longestLook, usualLook } from './berth-suggestion.ts'
import { told } from '../text.ts'

const Instant = (description: string) => Type.String({ format: 'date-time', description })

export const SuggestionQuery = Type.Object(
  {
    from: Type.Optional(
      Instant('When the ship comes; its declared eta unless given, or now where that has gone by'),
    ),
    until: Type.Optional(
      Instant(
        `When the ship must have gone; ${usualLook} days after \`from\` unless given, at most ${longestLook}`,
      ),
    ),
    hours: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: longestLook * 24,
        description: 'How long the ship stays; from declared eta to etd unless given',
      }),
    ),
    insteadOf: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'A reservation of the call that would be moved, and is in nobody’s way',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, default: 10, description: 'Berths at most' }),
    ),
    ...cargoProperties,
  },
  { additionalProperties: false },
)
export type SuggestionQuery = Static<typeof SuggestionQuery>

const BerthSuggestion = Type.Object({
  berthId: Type.String({ format: 'uuid' }),
  berthCode: told.placeCode,
  berthName: told.placeName,
  fromMetre: Type.Number(),
  toMetre: Type.Number(),
  fromBollard: nullable(told.bollard),
  toBollard: nullable(told.bollard),
  startsAt: Instant('Beginning of the window'),
  endsAt: Instant('End of the window, which does not belong to it'),
  startsAtLocal: LocalTime,
  endsAtLocal: LocalTime,
  leftover: Type.Number({
    description: 'Metres of free quay that the ship leaves over beside itself and its gaps',
  }),
  freeUntil: nullable(
    Instant('When the next ship or block needs these metres; null when none does by `until`'),
  ),
})

export const BerthSuggestions = Type.Object(
  {
    from: Instant('When the ship comes'),
    until: Instant('When it must have gone'),
    hours: Type.Number(),
    items: Type.Array(BerthSuggestion, {
      description:
        'The soonest window of each berth; the soonest first, then by the least left over',
    }),
    excluded: Type.Array(
      Type.Object({
        berthId: Type.String({ format: 'uuid' }),
        berthCode: told.placeCode,
        berthName: told.placeName,
        reasons: Type.Array(Type.Object({ code: told.code, detail: told.sentence })),
      }),
      { description: 'The port’s other berths, each with every condition that is not met' },
    ),
  },
  { $id: 'BerthSuggestions' },
)
export type BerthSuggestions = Static<typeof BerthSuggestions>
