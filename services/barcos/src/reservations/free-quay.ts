import { tolerance } from './berth-fit.ts'
import { gapBeside, type Margins } from './margins.ts'

/** What takes up metres of a quay for a time: a ship's reservation, or a block. */
export type Occupancy = {
  fromMetre: number
  toMetre: number
  startsAt: Date
  endsAt: Date
  /** Of the ship that lies there, metres; null for a block. */
  lengthOverall: number | null
}

/** Where a hull lies or is to lie; metres from the quay's zero mark. */
export type Hull = { fromMetre: number; toMetre: number }

/** A place for a hull, and by how many metres it could be moved along: what the ship leaves over. */
export type Place = Hull & { leftover: number }

/**
 * The gap between a ship of `lengthOverall` and what lies beside it; metres. The longer ship decides;
 * a block is like the end of the quay.
 */
const gapTo = (
  occupancy: Pick<Occupancy, 'lengthOverall'>,
  lengthOverall: number,
  margins: Margins,
): number => gapBeside(margins, lengthOverall, occupancy.lengthOverall ?? 0)

/** What a place is looked for. */
export type Sought = {
  /** Of the ship that looks for a place; metres. */
  lengthOverall: number
  quayLength: number
  margins: Margins
}

/** Which of the occupancies of a window a hull would overlap, or come closer to than the gap. */
export const inTheWay = <O extends Occupancy>(
  hull: Hull,
  occupied: readonly O[],
  { lengthOverall, margins }: Pick<Sought, 'lengthOverall' | 'margins'>,
): O[] =>
  occupied.filter((each) => {
    const gap = gapTo(each, lengthOverall, margins)
    return (
      hull.fromMetre < each.toMetre + gap - tolerance &&
      each.fromMetre - gap < hull.toMetre - tolerance
    )
  })

/** Two neighbours and what is between them, in metres; the ends of a quay are neighbours too. */
type Stretch = {
  /** The least and the greatest metre where the hull may begin; none when least is greater. */
  least: number
  greatest: number
  /** What is free from hull to hull, and what the ship needs of it with its gaps. */
  free: number
  needed: number
}

/**
 * Where along a quay a ship finds place beside what lies there in a window: every stretch on which
 * it does, from the zero mark on, with the first metre of it.
 */
export const placesFor = (sought: Sought, occupied: readonly Occupancy[]): Place[] =>
  stretches(sought, occupied)
    .filter(({ least, greatest }) => least <= greatest + tolerance)
    .map(({ least, greatest }) => {
      const fromMetre = upToMillimetre(least)
      return {
        fromMetre,
        toMetre: upToMillimetre(fromMetre + sought.lengthOverall),
        leftover: Math.max(0, greatest - least),
      }
    })

/** The stretch on which least is missing for a ship that finds no place; metres. */
export const nearestMiss = (
  sought: Sought,
  occupied: readonly Occupancy[],
): { free: number; needed: number } => {
  const best = stretches(sought, occupied).reduce((a, b) =>
    b.greatest - b.least > a.greatest - a.least ? b : a,
  )
  return { needed: best.needed, free: Math.max(0, best.free) }
}

const stretches = (
  { lengthOverall, quayLength, margins }: Sought,
  occupied: readonly Occupancy[],
): Stretch[] => {
  const endGap = gapBeside(margins, lengthOverall)
  const neighbours = occupied
    .map((each) => ({ ...each, gap: gapTo(each, lengthOverall, margins) }))
    .toSorted((a, b) => a.fromMetre - a.gap - (b.fromMetre - b.gap))
  const quayEnd = { fromMetre: quayLength, toMetre: Number.POSITIVE_INFINITY, gap: endGap }
  let behind = { toMetre: 0, gap: endGap }
  return [...neighbours, quayEnd].map((ahead) => {
    const free = ahead.fromMetre - behind.toMetre
    const needed = behind.gap + lengthOverall + ahead.gap
    const least = behind.toMetre + behind.gap
    const greatest = Math.min(ahead.fromMetre - ahead.gap, quayLength - endGap) - lengthOverall
    const stretch = { least, greatest, free, needed }
    if (ahead.toMetre + ahead.gap > least) behind = ahead
    return stretch
  })
}

/** Metres are given to the millimetre, never less than reckoned: a gap stays a gap. */
const upToMillimetre = (metres: number): number => Math.ceil(metres * 1_000 - 1e-6) / 1_000
