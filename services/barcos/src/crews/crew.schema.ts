import type { Knowledge } from '@porttrack/shared/events/knowledge'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { told } from '../text.ts'
import { crewShiftStates } from './crew.ts'

const Uuid = (description: string) => Type.String({ format: 'uuid', description })
const Instant = (description: string) => Type.String({ format: 'date-time', description })

export const CrewsOfCall = Type.Object(
  {
    portCallId: Type.String({ format: 'uuid' }),
    items: Type.Array(
      Type.Object({
        shiftId: Uuid('Id of the shift in personal'),
        serviceOrderId: nullable(
          Uuid('The order that it serves; null for the moves of the cargo, or what nobody ordered'),
        ),
        kindOfWork: Type.String({ ...told.organization, examples: ['PILOTAGE'] }),
        providerOrganization: nullable(told.organization),
        startsAt: Instant('When the shift begins'),
        endsAt: Instant('When it ends'),
        state: Type.Enum([...crewShiftStates]),
        positions: Type.Object({
          required: nullable(
            Type.Integer({
              minimum: 0,
              description: 'How many people it needs; null where personal has not told it',
            }),
          ),
          filled: Type.Integer({ minimum: 0, description: 'How many are confirmed' }),
        }),
        isComplete: nullable(
          Type.Boolean({
            description:
              'Whether every position has someone; null where it is not known how many there are',
          }),
        ),
        toldAt: Instant('When personal told of it last'),
      }),
      {
        description:
          'By when they begin. Without one nothing is known: see `knowledge` for how old that is',
      },
    ),
    knowledge: Type.Ref('Knowledge'),
  },
  { $id: 'CrewsOfCall' },
)
export type CrewsOfCall = Omit<Static<typeof CrewsOfCall>, 'knowledge'> & { knowledge: Knowledge }
