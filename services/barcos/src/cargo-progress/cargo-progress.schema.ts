import type { Knowledge } from '@porttrack/shared/events/knowledge'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { cargoLists } from './cargo-progress.ts'

const Moves = (description: string) =>
  nullable(
    Type.Integer({ minimum: 0, description: `${description}; null where carga has not told it` }),
  )
const Instant = (description: string) => Type.String({ format: 'date-time', description })

export const CargoProgress = Type.Object(
  {
    portCallId: Type.String({ format: 'uuid' }),
    lists: Type.Array(
      Type.Object({
        list: Type.Enum([...cargoLists]),
        total: Type.Integer({ minimum: 0, description: 'Moves of the list' }),
        done: Moves('Of them, those that are done'),
        size20: Moves('Moves of containers of 20 feet'),
        size40: Moves('Of 40 feet'),
        size45: Moves('Of 45 feet'),
        laden: Moves('Of containers that are not empty'),
        reefers: Moves('Of containers with a set temperature'),
        finishedAt: nullable(Instant('When the last was done; null while more are to come')),
        toldAt: nullable(Instant('When carga told of it last')),
      }),
      {
        maxItems: cargoLists.length,
        description:
          'Those that carga has told of: without one nothing is known, which is not zero',
      },
    ),
    knowledge: Type.Ref('Knowledge'),
  },
  { $id: 'CargoProgress' },
)
export type CargoProgress = Omit<Static<typeof CargoProgress>, 'knowledge'> & {
  knowledge: Knowledge
}
