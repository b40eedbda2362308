import { inLanguage, type Language } from '@porttrack/shared/http/language'
import { pageQuery } from '@porttrack/shared/http/pagination'
import type { Fault } from '@porttrack/shared/http/problem'
import { type Static, Type } from 'typebox'
import { told } from '../told.ts'

export const Check = Type.Object(
  {
    containerVisitId: Type.String({ format: 'uuid' }),
    equipmentReference: told.equipmentReference,
    allowed: Type.Boolean({ description: 'Whether every condition is met' }),
    unmet: Type.Array(
      Type.Object({
        code: Type.String({ ...told.code, description: 'Stable name of the condition' }),
        detail: told.sentence,
      }),
      { description: 'Every condition that is not met' },
    ),
    knowledge: Type.Ref('Knowledge'),
  },
  { $id: 'Check' },
)

/** What came of asking whether a container may be loaded or may leave. */
export type CheckResult = {
  containerVisitId: string
  equipmentReference: string
  unmet: readonly Fault[]
  knowledge: { asOf: string | null; ageSeconds: number | null }
}

/** A result as a caller reads it. */
export const checkIn = ({ unmet, ...result }: CheckResult, language: Language) => ({
  ...result,
  allowed: unmet.length === 0,
  unmet: unmet.map(({ code = '', detail }) => ({ code, detail: inLanguage(detail, language) })),
})

export const ChecksQuery = Type.Object(pageQuery, { additionalProperties: false })
export type ChecksQuery = Static<typeof ChecksQuery>
