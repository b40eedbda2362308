import type { Bollard } from '../berths/quay-range.ts'
import type { Hull } from './free-quay.ts'

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
