import type { Fault } from '@porttrack/shared/http/problem'
import {
  type Hull,
  inTheWay,
  type Occupancy,
  type Place,
  placesFor,
  type Sought,
} from '../reservations/free-quay.ts'
import { quantity } from '../quantity.ts'
import type { OccupancyCondition } from '../reservations/reservation.ts'

/** When and where a ship finds place at a berth. */
export type Opening = Hull & {
  startsAt: Date
  endsAt: Date
  /** By how many metres the ship could be moved along: what it leaves over beside itself. */
  leftover: number
  /** When the next one needs its metres; null when nobody does in the time looked at. */
  freeUntil: Date | null
}

/** A stay that is looked for: it begins no sooner than `from`, and has ended by `until`. */
export type Stay = { from: Date; until: Date; milliseconds: number }

/** The longest time that is looked at, and how much unless it is said; days. */
export const longestLook = 92
export const usualLook = 14

const [hour, day] = [3_600_000, 86_400_000]

type Wanted = {
  from?: string | undefined
  until?: string | undefined
  hours?: number | undefined
}

type Declared = { eta: Date | null; etd: Date | null; now: Date }

/**
 * The stay that a query asks for, and what is wrong with it: from the declared arrival on and as long
 * as to the declared departure, unless it says otherwise. An arrival that has gone by is now.
 */
export const stayOf = (
  query: Wanted,
  { eta, etd, now }: Declared,
): { stay: Stay; faults: Fault[] } => {
  const arrival = eta !== null && eta > now ? eta : now
  const from = query.from === undefined ? arrival : new Date(query.from)
  const until =
    query.until === undefined ? new Date(from.getTime() + usualLook * day) : new Date(query.until)
  const declared = eta === null || etd === null ? 0 : etd.getTime() - eta.getTime()
  const milliseconds = query.hours === undefined ? declared : Math.round(query.hours * hour)
  const look = until.getTime() - from.getTime()
  const faults: Fault[] = []
  if (look <= 0 || look > longestLook * day) {
    const detail = {
      en: `must be after from, by ${longestLook} days at most`,
      es: `debe ser posterior a from, en ${longestLook} días como máximo`,
    }
    faults.push({ pointer: '?until', detail })
  }
  if (milliseconds <= 0) {
    const detail = {
      en: 'is needed: the call declares no eta and etd',
      es: 'hace falta: la escala no declara eta y etd',
    }
    faults.push({ pointer: '?hours', detail })
  } else if (look > 0 && milliseconds > look) {
    const detail = {
      en: `is ${quantity(milliseconds / hour, 'h').en}, more than there are from from to until`,
      es: `son ${quantity(milliseconds / hour, 'h').es}, más de las que hay de from a until`,
    }
    faults.push({ pointer: '?hours', detail })
  }
  return { stay: { from, until, milliseconds }, faults }
}

/** That a berth has no window for a stay. */
export const noOpening = ({ milliseconds }: Stay, until: string): Fault => {
  const code: OccupancyCondition = 'FREE_IN_TIME'
  const { en, es } = quantity(milliseconds / hour, 'h')
  return {
    pointer: '#/berthId',
    code,
    detail: {
      en: `nowhere along it are enough metres free for ${en} before ${until}`,
      es: `en ningún tramo hay metros libres suficientes durante ${es} antes de ${until}`,
    },
  }
}

/**
 * The soonest window in which a ship finds place at a berth, and in it the place that leaves least
 * over; null when there is none. Exact: at one place the windows that are free begin where an
 * occupancy ends, so that only these ends and `from` need be looked at.
 *
 * @param occupied everything that takes up the berth between `from` and `until`
 */
export const soonestOpening = (
  sought: Sought,
  occupied: readonly Occupancy[],
  { from, until, milliseconds }: Stay,
): Opening | null => {
  const ahead = occupied.toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime())
  const latest = until.getTime() - milliseconds
  const ends = ahead.map(({ endsAt }) => endsAt.getTime()).filter((end) => end > from.getTime())
  const begins = [...new Set([from.getTime(), ...ends])].toSorted((a, b) => a - b)

  let next = 0
  let within: Occupancy[] = []
  for (const begin of begins) {
    if (begin > latest) return null
    const end = begin + milliseconds
    for (let each = ahead[next]; each && each.startsAt.getTime() < end; each = ahead[next]) {
      within.push(each)
      next += 1
    }
    within = within.filter(({ endsAt }) => endsAt.getTime() > begin)
    const place = snuggest(placesFor(sought, within))
    if (place !== null) {
      const follows = inTheWay(place, ahead.slice(next), sought)[0]
      return {
        ...place,
        startsAt: new Date(begin),
        endsAt: new Date(end),
        freeUntil: follows?.startsAt ?? null,
      }
    }
  }
  return null
}

const snuggest = (places: readonly Place[]): Place | null =>
  places.toSorted((a, b) => a.leftover - b.leftover || a.fromMetre - b.fromMetre)[0] ?? null

type Suggested = { opening: Opening; berth: { code: string } }

/** The order of suggestions: the soonest first, then the one that makes the best use of its quay. */
export const bySoonest = (a: Suggested, b: Suggested): number =>
  a.opening.startsAt.getTime() - b.opening.startsAt.getTime() ||
  a.opening.leftover - b.opening.leftover ||
  (a.berth.code < b.berth.code ? -1 : 1)
