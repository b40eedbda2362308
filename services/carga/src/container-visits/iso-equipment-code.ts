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
export const isoEquipmentCodeFault = (code: string): string | null => {
  const [length = '', height = '', group = '', rest = ''] = code
  if (code.length !== 4) return 'must be four characters of ISO 6346 such as 22G1 or 22GP'
  if (!lengths.includes(length)) return `has the length ${length}, which ISO 6346 does not know`
  if (!heights.includes(height)) return `has the height ${height}, which ISO 6346 does not know`
  const type = group + rest
  const known = groups[group]?.includes(type) || (group in groups && /\d/.test(rest))
  return known ? null : `has the type ${type}, which ISO 6346 does not know`
}

/** Whether a container keeps a temperature: refrigerated (R) or insulated (H). */
export const isThermal = (code: string): boolean => /^..[RH]/.test(code)
