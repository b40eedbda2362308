import type { Text } from '@porttrack/shared/http/language'
import type { Reading } from './identifier.ts'
import { countryOfMid } from './maritime-identification-digits.ts'

/** Forms of an MMSI that are not a ship's (ITU-R M.585-9), the longest beginning first. */
const otherForms: readonly (readonly [beginning: string, station: Text])[] = [
  ['970', { en: 'a search and rescue transmitter', es: 'un transmisor de búsqueda y salvamento' }],
  ['972', { en: 'a man overboard device', es: 'un dispositivo de hombre al agua' }],
  ['974', { en: 'an EPIRB', es: 'una radiobaliza' }],
  ['111', { en: 'a search and rescue aircraft', es: 'una aeronave de búsqueda y salvamento' }],
  ['98', { en: 'a craft of a parent ship', es: 'una embarcación auxiliar' }],
  ['99', { en: 'an aid to navigation', es: 'una ayuda a la navegación' }],
  ['00', { en: 'a coast station', es: 'una estación costera' }],
  ['0', { en: 'a group of ships', es: 'un grupo de buques' }],
  ['8', { en: 'a handheld radio', es: 'una radio portátil' }],
]

/**
 * Reads the MMSI of a ship: nine digits of which the first three are the MID of a country
 * (ITU-R M.585-9, form `MIDxxxxxx`). Blanks are dropped; the identities of other stations are
 * refused by name.
 */
export const readMmsiNumber = (text: string): Reading => {
  const value = text.replace(/\s/g, '')
  if (!/^\d{9}$/.test(value)) {
    return { fault: { en: 'must be 9 digits', es: 'debe tener 9 dígitos' } }
  }
  const other = otherForms.find(([beginning]) => value.startsWith(beginning))
  if (other) {
    const [, { en, es }] = other
    return {
      fault: {
        en: `has the form of ${en}, not of a ship`,
        es: `tiene la forma de ${es}, no de un buque`,
      },
    }
  }
  const mid = value.slice(0, 3)
  if (countryOfMid(mid) === null) {
    return {
      fault: {
        en: `begins with ${mid}, the MID of no country`,
        es: `empieza por ${mid}, que no es el MID de ningún país`,
      },
    }
  }
  return { value }
}

/** The country whose MID an MMSI of a ship begins with. */
export const countryOfMmsiNumber = (value: string): string | null => countryOfMid(value.slice(0, 3))
