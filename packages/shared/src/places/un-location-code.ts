import type { Text } from '../http/language.ts'
import { isCountry } from './country.ts'

/** Shape of a UN/LOCODE (UNECE Recommendation 16): country, then three letters or digits 2 to 9. */
export const unLocationCodePattern = '^[A-Z]{2}[A-Z2-9]{3}$'

/**
 * What is wrong with a UN/LOCODE, or null. Whether the place is in UNECE's list is not looked up,
 * whether its country exists is.
 */
export const unLocationCodeFault = (code: string): Text | null => {
  if (!new RegExp(unLocationCodePattern).test(code)) {
    return { en: 'must be a UN/LOCODE such as ESALG', es: 'debe ser un UN/LOCODE, como ESALG' }
  }
  const country = code.slice(0, 2)
  if (isCountry(country)) return null
  return {
    en: `names the country ${country}, which ISO 3166 does not know`,
    es: `nombra el país ${country}, que la norma ISO 3166 no conoce`,
  }
}
