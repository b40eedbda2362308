import type { Text } from '@porttrack/shared/http/language'
import { problemLimits } from '@porttrack/shared/http/errors'
import { Type } from 'typebox'

/** Text that people read: no control characters, and not blank. */
export const visibleText = String.raw`^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$`

/** Why something is done, in the words of who does it. */
export const reason = (description: string) =>
  Type.String({ minLength: 1, maxLength: 500, pattern: visibleText, description })

/** A reason that follows from another decision: it is kept once, for readers of either language. */
export const reasonGiven = ({ en, es }: Text): string => `${es} / ${en}`

const text = (maxLength: number) => Type.String({ maxLength })

/** Texts of answers: no longer than what goes in, or than what the port says itself. */
export const told = {
  /** As it was given, or in both languages where it follows from another decision. */
  reason: text(1_000),
  unLocationCode: text(5),
  /** IANA name. */
  timeZone: text(64),
  /** Code of a berth or of another place. */
  placeCode: text(20),
  placeName: text(100),
  facility: text(10),
  bollard: text(10),
  vesselName: text(50),
  /** IMO number, MMSI or call sign, as a source names it. */
  shipNumber: text(30),
  /** ISO 3166-1 alpha-2. */
  flag: text(2),
  organization: text(100),
  /** Of a condition, a state or an action. */
  code: text(64),
  sentence: text(problemLimits.detail),
  pointer: text(problemLimits.pointer),
  column: text(problemLimits.column),
}
