import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { told } from '../told.ts'

const Instant = (description: string) => Type.String({ format: 'date-time', description })
const count = (description: string) => Type.Integer({ minimum: 0, description })
const mean = (description: string) =>
  nullable(Type.Number({ minimum: 0, description: `${description}; null where there is none` }))

export const FiguresQuery = Type.Object(
  {
    UNLocationCode: Type.String({
      pattern: unLocationCodePattern,
      description: 'The port, UN/LOCODE',
      examples: ['ESALG'],
    }),
    from: Instant('Beginning of the window'),
    to: Instant('First moment after it; at most 366 days later'),
  },
  { additionalProperties: false },
)
export type FiguresQuery = Static<typeof FiguresQuery>

export const Figures = Type.Object(
  {
    UNLocationCode: told.unLocationCode,
    from: Instant('Beginning of the window'),
    to: Instant('First moment after it'),
    moves: count('Containers loaded and discharged in the window'),
    workedHours: count('Hours of the clock, UTC, in which there was a move'),
    movesPerHour: mean('Moves by the hours in which there were some'),
    dwellContainers: count(
      'Containers that left by sea or by the gate, of which it is known since when',
    ),
    meanDwellSeconds: mean('Mean time from coming ashore or in to leaving, seconds'),
    turns: count('Trucks that left the gate'),
    meanTurnSeconds: mean('Mean time from the truck’s arrival to its leaving, seconds'),
    yardSlots: count('Containers that the yard has room for now'),
    yardTaken: count('Containers that stand in it now'),
    yardOccupancy: mean('Taken to slots, now, from 0 to 1'),
  },
  { $id: 'Figures' },
)
