import type { Fault } from '@porttrack/shared/http/problem'
import { type Fit, misfits, tooShort } from './berth-fit.ts'
import { type Hull, inTheWay, nearestMiss, type Occupancy, placesFor } from './free-quay.ts'
import type { OccupancyCondition } from './reservation.ts'

/** Where a ship is to lie, or everything that keeps it from lying there. */
export type Assignment<O> = {
  /** Null when something is not met or in the way. */
  hull: Hull | null
  /** Conditions of the berth, and of what is free of it. */
  unmet: Fault[]
  /** What overlaps the hull in the window or is nearer than the gap; all of it where none fits. */
  inTheWay: O[]
}

type Situation<O> = {
  /** What takes up the berth in the window, besides the ship itself. */
  occupied: readonly O[]
  /** Where the ship would best stay, when nothing is asked for and nothing has come between. */
  preferred?: Hull | null
}

/**
 * Finds the metres for a ship in a window: those asked for, else where it was to lie already, else
 * the first free ones from the quay's zero mark.
 */
export const assign = <O extends Occupancy>(
  fit: Fit,
  { occupied, preferred = null }: Situation<O>,
): Assignment<O> => {
  const { ship, berth, margins, hull: asked } = fit
  const unmet = misfits(fit)
  if (asked !== undefined) {
    const lengthOverall = ship.lengthOverall ?? asked.toMetre - asked.fromMetre
    const conflicts = inTheWay(asked, occupied, { lengthOverall, margins })
    return { hull: free(unmet, conflicts) ? asked : null, unmet, inTheWay: conflicts }
  }
  const { lengthOverall } = ship
  if (lengthOverall === null || unmet.length > 0) return { hull: null, unmet, inTheWay: [] }

  const sought = { lengthOverall, quayLength: berth.quayLength, margins }
  if (preferred !== null && misfits({ ...fit, hull: preferred }).length === 0) {
    if (inTheWay(preferred, occupied, sought).length === 0) {
      return { hull: preferred, unmet, inTheWay: [] }
    }
  }
  const [first] = placesFor(sought, occupied)
  if (first) {
    const { fromMetre, toMetre } = first
    return { hull: { fromMetre, toMetre }, unmet, inTheWay: [] }
  }
  const { needed, free: present } = nearestMiss(sought, occupied)
  const detail = tooShort(needed, present, ({ en, es }) => ({
    en: `${en} are free`,
    es: `hay libres ${es}`,
  }))
  const code: OccupancyCondition = 'LENGTH_FITS_FREE_QUAY'
  return { hull: null, unmet: [{ pointer: '#/berthId', code, detail }], inTheWay: [...occupied] }
}

const free = (unmet: readonly Fault[], conflicts: readonly unknown[]): boolean =>
  unmet.length === 0 && conflicts.length === 0
