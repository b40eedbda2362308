import { text, told as toldByAll } from '@porttrack/shared/http/told'

/** Texts of answers: no longer than what goes in, or than what the port says itself. */
export const told = {
  ...toldByAll,
  personnelNumber: text(20),
  organization: text(100),
  place: text(100),
}
