import { Type } from 'typebox'
import { problemLimits } from './errors.ts'

/** A text of an answer, of so many characters at most. */
export const text = (maxLength: number) => Type.String({ maxLength })

/** Texts of answers of every service: no longer than what goes in, or than what it says itself. */
export const told = {
  /** As it was given, or in both languages where it follows from another decision. */
  reason: text(1_000),
  sentence: text(problemLimits.detail),
  /** Stable code, such as of a condition or a state. */
  code: text(64),
  unLocationCode: text(5),
}
