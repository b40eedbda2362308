/** What kind of station an MMSI is for. */
export const mmsiKinds = [
  'ship',
  'group',
  'coast-station',
  'sar-aircraft',
  'handheld',
  'craft',
  'aid',
  'sart',
  'mob',
  'epirb',
  'unknown',
] as const
export type MmsiKind = (typeof mmsiKinds)[number]

const forms: readonly (readonly [RegExp, MmsiKind])[] = [
  [/^([2-7]\d\d)\d{6}$/, 'ship'],
  [/^00(\d{3})\d{4}$/, 'coast-station'],
  [/^0(\d{3})\d{5}$/, 'group'],
  [/^111(\d{3})\d{3}$/, 'sar-aircraft'],
  [/^8(\d{3})\d{5}$/, 'handheld'],
  [/^98(\d{3})\d{4}$/, 'craft'],
  [/^99(\d{3})\d{4}$/, 'aid'],
  [/^970\d{6}$/, 'sart'],
  [/^972\d{6}$/, 'mob'],
  [/^974\d{6}$/, 'epirb'],
]

/**
 * Kind of station by the form of its MMSI (ITU-R M.585-9). The country digits, where the form has
 * them, must be 201 to 775; whether a country holds them is not looked up. Anything else is
 * `unknown`.
 */
export function vesselMmsiKind(mmsi: string): MmsiKind {
  for (const [form, kind] of forms) {
    const match = form.exec(mmsi)
    if (match === null) continue
    const country = match[1]
    if (country === undefined || (country >= '201' && country <= '775')) return kind
  }
  return 'unknown'
}
