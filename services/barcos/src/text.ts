import type { Text } from '@porttrack/shared/http/language'
import { problemLimits } from '@porttrack/shared/http/errors'
import { text, told as toldByAll } from '@porttrack/shared/http/told'
import { Type } from 'typebox'

/** Text that people read: no control characters, and not blank. */
export const visibleText = String.raw`^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$`

/** Why something is done, in the words of who does it. */
export const reason = (description: string) =>
  Type.String({ minLength: 1, maxLength: 500, pattern: visibleText, description })

/** A reason that follows from another decision: it is kept once, for readers of either language. */
export const reasonGiven = ({ en, es }: Text): string => `${es} / ${en}`

/** Texts of answers: no longer than what goes in, or than what the port says itself. */
export const told = {
  ...toldByAll,
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
  pointer: text(problemLimits.pointer),
  column: text(problemLimits.column),
}
