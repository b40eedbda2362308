import { Type } from 'typebox'

/** Why something was decided. */
export const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: String.raw`\S`,
  description: 'Why; kept with the decision',
})

/** What needs nothing but a reason. */
export const Reasoned = Type.Object({ reason: Reason }, { additionalProperties: false })
