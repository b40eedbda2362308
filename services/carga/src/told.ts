import { problemLimits } from '@porttrack/shared/http/errors'
import { Type } from 'typebox'

const text = (maxLength: number) => Type.String({ maxLength })

/** Texts of answers: no longer than what goes in, or than what the port says itself. */
export const told = {
  /** As it was given, or as it follows from another decision. */
  reason: text(1_000),
  sentence: text(problemLimits.detail),
  /** Of a condition, a state, a rule or a unit. */
  code: text(64),
  unLocationCode: text(5),
  equipmentReference: text(15),
  vesselName: text(200),
  shipNumber: text(20),
  organization: text(100),
  /** The port's own of a visit. */
  reference: text(100),
  declarationReference: text(500),
  party: text(100),
  signatory: text(255),
}
