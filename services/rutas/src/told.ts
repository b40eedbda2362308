import { text, told as toldByAll } from '@porttrack/shared/http/told'

/** Texts of answers: no longer than what goes in, or than what the port says itself. */
export const told = {
  ...toldByAll,
  /** Of a zone or a passage. */
  placeName: text(100),
  /** As a ship or an aid to navigation sends it: at most 34 characters (ITU-R M.1371-5). */
  shipName: text(40),
  callSign: text(10),
  destination: text(40),
  eventType: text(200),
  /** DCSA's reference of a call. */
  reference: text(100),
  cursor: text(2_000),
}
