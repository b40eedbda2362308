import type { Text } from '@porttrack/shared/http/language'
import { Type } from 'typebox'

/** Text that people read: no control characters, and not blank. */
export const visibleText = String.raw`^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$`

/** Why something is done, in the words of who does it. */
export const reason = (description: string) =>
  Type.String({ minLength: 1, maxLength: 500, pattern: visibleText, description })

/** A reason that follows from another decision: it is kept once, for readers of either language. */
export const reasonGiven = ({ en, es }: Text): string => `${es} / ${en}`
