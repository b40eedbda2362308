import type { Reading } from './identifier.ts'
import { countryOfMid } from './maritime-identification-digits.ts'

/** Forms of an MMSI that are not a ship's (ITU-R M.585-9), the longest beginning first. */
const otherForms: readonly (readonly [beginning: string, station: string])[] = [
  ['970', 'a search and rescue transmitter'],
  ['972', 'a man overboard device'],
  ['974', 'an EPIRB'],
  ['111', 'a search and rescue aircraft'],
  ['98', 'a craft of a parent ship'],
  ['99', 'an aid to navigation'],
  ['00', 'a coast station'],
  ['0', 'a group of ships'],
  ['8', 'a handheld radio'],
]

/**
 * Reads the MMSI of a ship: nine digits of which the first three are the MID of a country
 * (ITU-R M.585-9, form `MIDxxxxxx`). Blanks are dropped; the identities of other stations are
 * refused by name.
 */
export const readMmsiNumber = (text: string): Reading => {
  const value = text.replace(/\s/g, '')
  if (!/^\d{9}$/.test(value)) return { fault: 'must be 9 digits' }
  const other = otherForms.find(([beginning]) => value.startsWith(beginning))
  if (other) return { fault: `has the form of ${other[1]}, not of a ship` }
  const mid = value.slice(0, 3)
  if (countryOfMid(mid) === null) return { fault: `begins with ${mid}, the MID of no country` }
  return { value }
}

/** The country whose MID an MMSI of a ship begins with. */
export const countryOfMmsiNumber = (value: string): string | null => countryOfMid(value.slice(0, 3))
