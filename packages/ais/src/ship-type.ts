/** Broad kind of a ship by the type it declares. */
export type ShipTypeCategory =
  | 'wing-in-ground'
  | 'fishing'
  | 'towing'
  | 'dredging'
  | 'diving'
  | 'military'
  | 'sailing'
  | 'pleasure-craft'
  | 'high-speed-craft'
  | 'pilot'
  | 'search-and-rescue'
  | 'tug'
  | 'port-tender'
  | 'anti-pollution'
  | 'law-enforcement'
  | 'medical'
  | 'noncombatant'
  | 'passenger'
  | 'cargo'
  | 'tanker'
  | 'other'
  | 'unknown'

const single: Readonly<Record<number, ShipTypeCategory>> = {
  30: 'fishing',
  31: 'towing',
  32: 'towing',
  33: 'dredging',
  34: 'diving',
  35: 'military',
  36: 'sailing',
  37: 'pleasure-craft',
  50: 'pilot',
  51: 'search-and-rescue',
  52: 'tug',
  53: 'port-tender',
  54: 'anti-pollution',
  55: 'law-enforcement',
  56: 'other',
  57: 'other',
  58: 'medical',
  59: 'noncombatant',
}

const byTens: Readonly<Record<number, ShipTypeCategory>> = {
  2: 'wing-in-ground',
  4: 'high-speed-craft',
  6: 'passenger',
  7: 'cargo',
  8: 'tanker',
  9: 'other',
}

/**
 * Category of a ship type 0 to 255 (ITU-R M.1371-5, table 53). Reserved values, those over 99 and
 * null are `unknown`.
 */
export function shipTypeCategory(shipType: number | null): ShipTypeCategory {
  if (shipType === null) return 'unknown'
  return single[shipType] ?? byTens[Math.floor(shipType / 10)] ?? 'unknown'
}
