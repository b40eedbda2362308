import type { Hull } from './free-quay.ts'

/** Where a bollard stands, in metres from the quay's zero mark. */
export type Bollard = { number: string; metre: number }

/**
 * The bollards between which a hull lies: the last one before it begins and the first one after it
 * ends, or at these metres; null where the quay has none.
 *
 * @param bollards by metre
 */
export const bollardsAround = (
  bollards: readonly Bollard[],
  { fromMetre, toMetre }: Hull,
): { fromBollard: string | null; toBollard: string | null } => ({
  fromBollard: bollards.findLast(({ metre }) => metre <= fromMetre)?.number ?? null,
  toBollard: bollards.find(({ metre }) => metre >= toMetre)?.number ?? null,
})
