import type { Text } from '@porttrack/shared/http/language'

/** First character (ISO 6346 Annex D): length, from 10′ to 53′, and the rarer lengths by letter. */
const lengths = '1234ABCDEFGHKLMNP'

/**
 * Second character: height 0 8′, 2 8′6″, 4 9′, 5 9′6″, 6 over 9′6″, 8 4′3″, 9 at most 4′; C to F are
 * those of 0 to 6 at a width of 2,438 to 2,500 mm, L to P over 2,500 mm.
 */
const heights = '0245689CDEFLMNP'

/** Groups of types and their codes: a type is a group's letter and a digit, such as G1. */
const groups: Readonly<Record<string, readonly string[]>> = {
  G: ['GP'],
  V: ['VH'],
  B: ['BU', 'BK'],
  S: ['SN'],
  R: ['RE', 'RT', 'RS'],
  H: ['HR', 'HI'],
  U: ['UT'],
  P: ['PL', 'PF', 'PC', 'PS'],
  T: ['TN', 'TD', 'TG'],
  A: ['AS'],
}

/**
 * What is wrong with a container's size and type by ISO 6346, or null. The type may be given as its
 * group, as DCSA allows: 22G1 and 22GP.
 */
export const isoEquipmentCodeFault = (code: string): Text | null => {
  const [length = '', height = '', group = '', rest = ''] = code
  if (code.length !== 4) {
    return {
      en: 'must be four characters of ISO 6346 such as 22G1 or 22GP',
      es: 'debe tener cuatro caracteres de ISO 6346 como 22G1 o 22GP',
    }
  }
  if (!lengths.includes(length)) return unknown('length', 'la longitud', length)
  if (!heights.includes(height)) return unknown('height', 'la altura', height)
  const type = group + rest
  const known = groups[group]?.includes(type) || (group in groups && /\d/.test(rest))
  return known ? null : unknown('type', 'el tipo', type)
}

const unknown = (what: string, que: string, code: string): Text => ({
  en: `has the ${what} ${code}, which ISO 6346 does not know`,
  es: `tiene ${que} ${code}, que ISO 6346 no conoce`,
})

/** Whether a container keeps a temperature: refrigerated (R) or insulated (H). */
export const isThermal = (code: string): boolean => /^..[RH]/.test(code)
