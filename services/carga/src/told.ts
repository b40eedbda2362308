import { text, told as toldByAll } from '@porttrack/shared/http/told'

/** Texts of answers: no longer than what goes in, or than what the port says itself. */
export const told = {
  ...toldByAll,
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
