import { defineErrors, kitErrors } from '@porttrack/shared/http/errors'
import type { Language, Text } from '@porttrack/shared/http/language'
import { ProblemError } from '@porttrack/shared/http/problem'
import {
  unLocationCodeFault,
  unLocationCodePattern,
} from '@porttrack/shared/places/un-location-code'
import {
  distanceMetres,
  metresPerNauticalMile,
  type Place,
  readPlace,
} from '../geography/geodesy.ts'
import { cutAtAntimeridian } from '../geography/lines.ts'
import {
  alongArc,
  angleBetween,
  courseTo,
  placeOf,
  type Vector,
  vectorOf,
} from '../geography/sphere.ts'
import { canalAt } from './canals.ts'
import { gatesCrossed } from './gates.ts'
import { bitsOf, closedPassages, passageCodes, passageOf, passagesOf } from './passage.ts'
import { cellAt, middleOf } from './sea-chart.ts'
import { longestApproach, nauticalMiles, type SeaNetwork } from './sea-network.ts'
import type { PassageChoice, SeaRoute, SeaRouteFeature, SeaRouteLeg } from './sea-route.schema.ts'
import { shortestWay } from './shortest-way.ts'

export const seaRouteErrors = defineErrors({
  PORT_POSITION_UNKNOWN: {
    status: 422,
    title: {
      en: 'It is not known where this port lies',
      es: 'No se sabe dónde está este puerto',
    },
  },
  NOT_AT_SEA: {
    status: 422,
    title: { en: 'The place is not at sea', es: 'El lugar no está en el mar' },
  },
  NO_WAY_BY_SEA: {
    status: 422,
    title: {
      en: 'There is no way by sea that keeps out of the closed passages',
      es: 'No hay camino por mar que evite los pasos cerrados',
    },
  },
})

/** Metres from the sea of the chart at which a position, such as that of a ship in dock, is taken for one at sea. */
const farthestBerth = 10 * metresPerNauticalMile

/** One end of a route as the caller names it, and where the request names it: `?from`. */
export type RouteEnd = { text: string; pointer: string }

/** A place that a route begins or ends at, and where it meets the sea of the chart. */
export type KnownEnd = SeaRoute['from'] & { atSea: Place }

/**
 * Reads a UN/LOCODE or `longitude,latitude`.
 *
 * @throws ProblemError 400 for anything else, 422 for a port that is not known or a place inland
 */
export const readRouteEnd = (network: SeaNetwork, { text, pointer }: RouteEnd): KnownEnd => {
  const place = readPlace(text)
  if (place) return endAt(network, { UNLocationCode: null, position: place }, pointer)
  const fault = routeEndFault(text)
  if (fault) {
    throw new ProblemError(kitErrors.VALIDATION_FAILED, { errors: [{ pointer, detail: fault }] })
  }
  const position = network.ports.get(text)
  if (position) return endAt(network, { UNLocationCode: text, position }, pointer)
  throw new ProblemError(seaRouteErrors.PORT_POSITION_UNKNOWN, {
    errors: [
      {
        pointer,
        detail: {
          en: `no position is known for ${text}: give longitude,latitude`,
          es: `no se conoce la posición de ${text}: indique longitud,latitud`,
        },
      },
    ],
  })
}

/** What is wrong with a text that is to name a port, or null. */
const routeEndFault = (text: string): Text | null =>
  new RegExp(unLocationCodePattern).test(text)
    ? unLocationCodeFault(text)
    : {
        en: 'must be a UN/LOCODE such as ESALG, or longitude,latitude such as -5.43,36.13',
        es: 'debe ser un UN/LOCODE, como ESALG, o longitud,latitud, como -5.43,36.13',
      }

/** @throws ProblemError 422 when it does not lie at sea */
export const endAt = ({ chart }: SeaNetwork, end: SeaRoute['from'], pointer: string): KnownEnd => {
  if (chart.isSea(end.position)) return { ...end, atSea: end.position }
  const reach = end.UNLocationCode === null ? farthestBerth : longestApproach
  const [atSea] = chart.seasAround(end.position, reach)
  if (atSea) return { ...end, atSea }
  const miles = Math.round(reach / metresPerNauticalMile)
  throw new ProblemError(seaRouteErrors.NOT_AT_SEA, {
    errors: [
      {
        pointer,
        detail: {
          en: `lies more than ${miles} nautical miles from waters with a way to the ocean, or south of 60° S`,
          es: `está a más de ${miles} millas náuticas de aguas con salida al océano, o al sur de 60° S`,
        },
      },
    ],
  })
}

/**
 * The shortest way by sea between two places, by the passages that are open.
 *
 * @throws ProblemError 400 for a passage that is to be both closed and open, 422 when there is no way
 */
export const planSeaRoute = (
  network: SeaNetwork,
  { from, to, closed = [], opened = [] }: { from: KnownEnd; to: KnownEnd } & PassageChoice,
  language: Language,
): SeaRoute => {
  const unclear = opened.filter((code) => closed.includes(code))
  if (unclear.length > 0) {
    const names = unclear.join(', ')
    const detail = { en: `is closed too: ${names}`, es: `también está en closed: ${names}` }
    throw new ProblemError(kitErrors.VALIDATION_FAILED, {
      errors: [{ pointer: '?opened', detail }],
    })
  }
  const kept = passageCodes.filter(
    (code) => closed.includes(code) || (closedPassages.includes(code) && !opened.includes(code)),
  )
  const legs = isOneHarbour(from, to)
    ? [legOf('approach', vectorOf(from.position), vectorOf(to.position))]
    : legsByTheChart(network, { from, to }, bitsOf(kept))
  const passed = [...new Set(legs.flatMap(({ passages }) => passages))]
  return {
    from: { UNLocationCode: from.UNLocationCode, position: from.position },
    to: { UNLocationCode: to.UNLocationCode, position: to.position },
    distance: tenths(legs.reduce((sum, { distance }) => sum + distance, 0)),
    passages: passed.map((code) => ({ code, name: passageOf(code).name[language] })),
    closed: kept,
    legs,
  }
}

/**
 * Whether two ends are nearer to each other than by way of the sea of the chart, to which an approach
 * leads each of them: two berths of a port, or a ship off the port and its berth.
 */
const isOneHarbour = (from: KnownEnd, to: KnownEnd): boolean =>
  distanceMetres(from.position, to.position) <=
  distanceMetres(from.position, from.atSea) + distanceMetres(to.atSea, to.position)

/** @throws ProblemError 422 when there is no way */
const legsByTheChart = (
  network: SeaNetwork,
  { from, to }: { from: KnownEnd; to: KnownEnd },
  closed: number,
): SeaRouteLeg[] => {
  const way = wayBetween(network, { from: from.atSea, to: to.atSea }, closed)
  if (!way) throw new ProblemError(seaRouteErrors.NO_WAY_BY_SEA)
  const begun = wellApproached(network, from, { way, closed })
  const ended = wellApproached(network, to, { way: begun.toReversed(), closed }).toReversed()
  return [
    ...approach(from, (port) => legOf('approach', port, ended[0] ?? port)),
    ...ended.slice(1).map((place, n) => legOf('sea', ended[n] ?? place, place)),
    ...approach(to, (port) => legOf('approach', ended.at(-1) ?? port, port)),
  ]
}

const approach = (
  { position, atSea }: KnownEnd,
  leg: (port: Vector) => SeaRouteLeg,
): SeaRouteLeg[] => (atSea === position ? [] : [leg(vectorOf(position))])

/** How much farther than the nearest sea cell an approach may lead, in metres: a cell of the chart. */
const fartherApproach = 3 * metresPerNauticalMile

/**
 * A way that begins at the sea of the chart, from another cell near the port where that makes it
 * shorter: the nearest may lie on the far side of a headland.
 */
const wellApproached = (
  { chart }: SeaNetwork,
  { position, atSea }: KnownEnd,
  { way, closed }: { way: readonly Vector[]; closed: number },
): readonly Vector[] => {
  if (atSea === position) return way
  const port = vectorOf(position)
  const isOpen = (a: Vector, b: Vector): boolean => (gatesCrossed(a, b) & closed) === 0
  const others = chart
    .seasAround(position, distanceMetres(position, atSea) + fartherApproach)
    .map(vectorOf)
    .filter((sea) => isOpen(port, sea))
  let best = way
  let saved = 0.1
  let length = angleBetween(port, way[0] ?? port)
  for (const [n, place] of way.entries()) {
    length += angleBetween(way[n - 1] ?? place, place)
    for (const sea of others) {
      const less = nauticalMiles(length - angleBetween(port, sea) - angleBetween(sea, place))
      if (less <= saved || !isOpen(sea, place) || !chart.isClear(sea, place)) continue
      saved = less
      const isThere = angleBetween(sea, place) < 1e-9
      best = isThere ? way.slice(n) : [sea, ...way.slice(n)]
    }
    // The points of a canal tell where ships are slow.
    if (canalAt(placeOf(place)) !== undefined) break
  }
  return best
}

const wayBetween = (
  network: SeaNetwork,
  { from, to }: { from: Place; to: Place },
  closed: number,
): Vector[] | null => {
  const [first, last] = [vectorOf(from), vectorOf(to)]
  const way = shortestWay(network, { from: first, to: last, closed })
  if (way) return way
  // In a narrow nothing may be in sight from the edge of a cell, and is from its middle.
  const [begin, end] = [from, to].map((place) => vectorOf(middleOf(cellAt(place))))
  const middles = begin && end && shortestWay(network, { from: begin, to: end, closed })
  return middles ? [first, ...middles, last] : null
}

const legOf = (kind: SeaRouteLeg['kind'], from: Vector, to: Vector): SeaRouteLeg => {
  const passages = kind === 'sea' ? passagesOf(gatesCrossed(from, to)) : []
  return {
    kind,
    from: roundedPlace(from),
    to: roundedPlace(to),
    distance: tenths(nauticalMiles(angleBetween(from, to))),
    course: tenths(courseTo(from, to)) % 360,
    passages,
    speedLimit: speedLimit(placeOf(from), placeOf(to)),
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10

/** To 0.00001 degrees, about a metre. */
const roundedPlace = (vector: Vector): Place => {
  const { lat, lon } = placeOf(vector)
  return { lat: Math.round(lat * 1e5) / 1e5, lon: Math.round(lon * 1e5) / 1e5 }
}

/** Knots allowed on a leg that has both ends in one canal. */
const speedLimit = (from: Place, to: Place): number | null => {
  const canal = canalAt(from)
  if (canal === undefined || canal !== canalAt(to)) return null
  return passageOf(canal).canal?.knots ?? null
}

/** Hours that a ship takes on a route at a speed in knots, slower where a canal asks for it. */
export const hoursUnderWay = (legs: readonly SeaRouteLeg[], speed: number): number =>
  legs.reduce(
    (hours, { distance, speedLimit }) => hours + distance / Math.min(speed, speedLimit ?? speed),
    0,
  )

/** Radians between the points of a drawn route: a degree. */
const drawnStep = Math.PI / 180

/** The route to draw on a map. */
export const seaRouteFeature = (route: SeaRoute): SeaRouteFeature => {
  const [first] = route.legs
  const places = route.legs.flatMap(({ from, to }) =>
    alongArc(vectorOf(from), vectorOf(to), drawnStep).slice(1).map(roundedPlace),
  )
  const lines = cutAtAntimeridian(first ? [first.from, ...places] : [])
  const [line] = lines
  return {
    type: 'Feature',
    geometry:
      line && lines.length === 1
        ? { type: 'LineString', coordinates: line }
        : { type: 'MultiLineString', coordinates: lines },
    properties: route,
  }
}
