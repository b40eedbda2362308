import { type Static, Type } from 'typebox'
import type { Sql } from '../database/transaction.ts'
import { feedReadAt } from './consumer.ts'

/** How sure a service can be of what another tells: it knows what that one had told until `asOf`. */
export const Knowledge = Type.Object(
  {
    asOf: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description:
        'Until then everything that the other service told is known; null before its feed was read to the end once',
    }),
    ageSeconds: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'Seconds since then',
    }),
  },
  { $id: 'Knowledge' },
)
export type Knowledge = Static<typeof Knowledge>

/** How old what is known of the service `source` is now. */
export const knowledgeOf = async (sql: Sql, source: string): Promise<Knowledge> => {
  const readAt = await feedReadAt(sql, source)
  if (readAt === null) return { asOf: null, ageSeconds: null }
  // The clock of another replica may be ahead.
  const ageSeconds = Math.max(0, Math.round((Date.now() - readAt.getTime()) / 1_000))
  return { asOf: readAt.toISOString(), ageSeconds }
}
