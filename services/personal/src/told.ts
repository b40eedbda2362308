import { problemLimits } from '@porttrack/shared/http/errors'
import { Type } from 'typebox'

const text = (maxLength: number) => Type.String({ maxLength })

/** Texts of answers: no longer than what goes in, or than what the port says itself. */
export const told = {
  /** As it was given, or as it follows from another decision. */
  reason: text(1_000),
  personnelNumber: text(20),
  organization: text(100),
  unLocationCode: text(5),
  place: text(100),
  /** Of a kind of work, a role, a service or a condition. */
  code: text(64),
  sentence: text(problemLimits.detail),
}
