import { motionAt, planPassage, secondsNearest } from './passage.ts'
import type { Motion, Passage, Waypoint } from './passage.ts'
import { berthPlaces, pilotBoardingPlace } from './port.ts'
import type { Place } from './port.ts'

/** Length of the scene, after which it begins again with every ship where she was. */
export const scenePeriodSeconds = 240 * 60

/** A scene is entered here: by then ships have come far enough that much happens at once. */
export const sceneEntrySeconds = 30 * 60

export interface SceneVessel {
  /** Of a ship with a number; all ships but small craft. */
  readonly imo: string | null
  readonly mmsi: string
  readonly callSign: string
  readonly name: string
  /** ISO 3166 code of the flag. */
  readonly flag: string
  /** AIS ship type. */
  readonly shipType: number
  /** DCSA vessel type code; null for what a port does not register. */
  readonly vesselType: string | null
  /** Names of UN/EDIFACT 8025; none for what makes no port calls. */
  readonly purposes: readonly string[]
  readonly lengthMetres: number
  readonly beamMetres: number
  readonly draughtMetres: number
  readonly grossTonnage: number
  readonly stationClass: 'A' | 'B'
}

/** What a ship is about when she does not move. */
type Rest = 'moored' | 'anchored' | 'away'

interface Movement {
  /** Seconds of the scene at which it begins, 0 up to the period. */
  readonly start: number
  readonly passage: Passage
  /** What follows it, until the next movement. */
  readonly then: Rest
  readonly destination: string
}

export interface SceneShip {
  readonly vessel: SceneVessel
  readonly movements: readonly Movement[]
  /** Where she is all the time when she has no movements. */
  readonly place: Place & { readonly heading: number; readonly rest: Rest }
}

export interface ShipState extends Motion {
  /** AIS navigational status. */
  readonly status: number
  readonly destination: string
  /** Seconds of the scene at which the movement ends; undefined at rest. */
  readonly movementEnds: number | undefined
}

const minute = 60

const fromWest: readonly Waypoint[] = [
  { lat: 35.965, lon: -5.52, speed: 14 },
  { lat: 35.985, lon: -5.43, speed: 14 },
  { lat: 36.045, lon: -5.392, speed: 12 },
]

const fromEast: readonly Waypoint[] = [
  { lat: 36.055, lon: -5.22, speed: 14 },
  { lat: 36.03, lon: -5.33, speed: 13 },
  { lat: 36.05, lon: -5.382, speed: 12 },
]

const toWest: readonly Waypoint[] = [
  { lat: 36.05, lon: -5.4, speed: 12 },
  { lat: 36.005, lon: -5.45, speed: 14 },
  { lat: 35.985, lon: -5.52, speed: 14 },
]

const toEast: readonly Waypoint[] = [
  { lat: 36.05, lon: -5.378, speed: 12 },
  { lat: 36.045, lon: -5.33, speed: 13 },
  { lat: 36.07, lon: -5.22, speed: 14 },
]

const pilotStretch: readonly Waypoint[] = [
  { ...pilotBoardingPlace, speed: 8 },
  { lat: 36.105, lon: -5.4, speed: 10 },
]

function toBerth(approach: readonly Waypoint[], place: Place): Passage {
  return planPassage(
    [
      ...approach,
      ...pilotStretch,
      { lat: place.lat - 0.008, lon: -5.41, speed: 7 },
      { lat: place.lat, lon: place.lon + 0.004, speed: 2.5 },
      { ...place, speed: 0 },
    ],
    { end: 0 },
  )
}

function fromBerth(place: Place, exit: readonly Waypoint[]): Passage {
  return planPassage(
    [
      { ...place, speed: 0 },
      { lat: place.lat, lon: place.lon + 0.004, speed: 2.5 },
      { lat: place.lat - 0.01, lon: -5.405, speed: 8 },
      { lat: 36.1, lon: -5.395, speed: 10 },
      ...exit,
    ],
    { start: 0 },
  )
}

const anchorPlaces = {
  north: { lat: 36.163, lon: -5.399 },
  south: { lat: 36.155, lon: -5.408 },
  east: { lat: 36.156, lon: -5.395 },
} as const

/** So that a passage comes by a place at a given second of the scene. */
function startFor(passage: Passage, place: Place, atSeconds: number): number {
  return inPeriod(atSeconds - secondsNearest(passage, place))
}

const pioneerIn = toBerth(fromWest, berthPlaces.juanCarlos1)
const areaBoundary: Place = { lat: 36.055, lon: -5.3915 }
const pioneerStart = startFor(pioneerIn, areaBoundary, sceneEntrySeconds + 25)
const pioneerAtPilot = pioneerStart + secondsNearest(pioneerIn, pilotBoardingPlace)

const meridianOut = fromBerth(berthPlaces.juanCarlos2, toEast)
const meridianIn = toBerth(fromEast, berthPlaces.juanCarlos2)
const meridianInStart = 225 * minute - meridianIn.durationSeconds
const meridianAtPilot = meridianInStart + secondsNearest(meridianIn, pilotBoardingPlace)

const marismasIn = toBerth(fromEast, berthPlaces.juanCarlos3)
const marismasStart = inPeriod(26 * minute - marismasIn.durationSeconds)
const marismasAtPilot = marismasStart + secondsNearest(marismasIn, pilotBoardingPlace)
const olveraIn = toBerth(fromWest, berthPlaces.islaVerde1)
const olveraInStart = 215 * minute - olveraIn.durationSeconds

const bulkIn = planPassage([
  ...fromWest,
  ...pilotStretch,
  { lat: 36.14, lon: -5.405, speed: 7 },
  { lat: 36.152, lon: -5.4075, speed: 3 },
  { ...anchorPlaces.south, speed: 0 },
])
const bulkOut = planPassage([
  { ...anchorPlaces.south, speed: 0 },
  { lat: 36.152, lon: -5.406, speed: 3 },
  { lat: 36.14, lon: -5.4, speed: 7 },
  { lat: 36.1, lon: -5.395, speed: 10 },
  ...toWest,
])

const tankerToPier = planPassage(
  [
    { ...anchorPlaces.north, speed: 0 },
    { lat: 36.169, lon: -5.402, speed: 5 },
    { lat: 36.176, lon: -5.3985, speed: 3 },
    { ...berthPlaces.mayorga1, speed: 0 },
  ],
  { start: 200, end: 0 },
)
const tankerToAnchor = planPassage(
  [
    { ...berthPlaces.mayorga1, speed: 0 },
    { lat: 36.175, lon: -5.398, speed: 3 },
    { lat: 36.168, lon: -5.402, speed: 5 },
    { ...anchorPlaces.north, speed: 0 },
  ],
  { start: 0, end: 200 },
)

const ferryIn = planPassage(
  [
    { lat: 35.95, lon: -5.335, speed: 28 },
    { lat: 36.06, lon: -5.385, speed: 28 },
    { lat: 36.11, lon: -5.397, speed: 20 },
    { lat: 36.14, lon: -5.414, speed: 12 },
    { lat: 36.1462, lon: -5.4235, speed: 4 },
    { ...berthPlaces.ferry1, speed: 0 },
  ],
  { end: 180 },
)
const ferryOut = planPassage(
  [
    { ...berthPlaces.ferry1, speed: 0 },
    { lat: 36.1462, lon: -5.4225, speed: 4 },
    { lat: 36.14, lon: -5.413, speed: 12 },
    { lat: 36.11, lon: -5.394, speed: 20 },
    { lat: 36.06, lon: -5.379, speed: 28 },
    { lat: 35.95, lon: -5.325, speed: 28 },
  ],
  { start: 180 },
)

const pilotBase: Place = { lat: 36.1288, lon: -5.4192 }
const tugBase: Place = { lat: 36.1281, lon: -5.4188 }

/** Out to the boarding place, alongside for a moment, and home. */
const pilotTrip = planPassage([
  { ...pilotBase, speed: 0.5 },
  { lat: 36.124, lon: -5.413, speed: 12 },
  { lat: 36.1, lon: -5.402, speed: 17 },
  { lat: pilotBoardingPlace.lat + 0.003, lon: pilotBoardingPlace.lon - 0.0015, speed: 7 },
  { lat: pilotBoardingPlace.lat + 0.008, lon: pilotBoardingPlace.lon - 0.003, speed: 7 },
  { lat: 36.1, lon: -5.404, speed: 17 },
  { lat: 36.124, lon: -5.414, speed: 12 },
  { ...pilotBase, speed: 0.5 },
])
const pilotMeeting: Place = {
  lat: pilotBoardingPlace.lat + 0.003,
  lon: pilotBoardingPlace.lon - 0.0015,
}

function pilotTripAt(atSeconds: number): Movement {
  return {
    start: startFor(pilotTrip, pilotMeeting, atSeconds),
    passage: pilotTrip,
    then: 'moored',
    destination: 'ES ALG',
  }
}

/** Out to a ship that comes in, beside her to the quay, and home. */
function tugTrip(place: Place): Passage {
  return planPassage([
    { ...tugBase, speed: 0.5 },
    { lat: 36.122, lon: -5.412, speed: 7 },
    { lat: 36.112, lon: -5.405, speed: 6 },
    { lat: 36.118, lon: -5.409, speed: 6 },
    { lat: place.lat - 0.002, lon: -5.414, speed: 4 },
    { lat: place.lat, lon: place.lon + 0.003, speed: 1 },
    { lat: place.lat - 0.002, lon: place.lon + 0.006, speed: 3 },
    { ...tugBase, speed: 0.5 },
  ])
}

/** Helps the ship whose passage ends then: is at the quay side when she is. */
function tugTripEnding(place: Place, shipAlongside: number): Movement {
  const passage = tugTrip(place)
  const beside = { lat: place.lat, lon: place.lon + 0.003 }
  return {
    start: startFor(passage, beside, shipAlongside - 3 * minute),
    passage,
    then: 'moored',
    destination: 'ES ALG',
  }
}

const yachtRound = planPassage([
  { lat: 36.16, lon: -5.385, speed: 5 },
  { lat: 36.145, lon: -5.378, speed: 5.5 },
  { lat: 36.125, lon: -5.382, speed: 6 },
  { lat: 36.115, lon: -5.389, speed: 5 },
  { lat: 36.13, lon: -5.396, speed: 4.5 },
  { lat: 36.148, lon: -5.388, speed: 5 },
  { lat: 36.16, lon: -5.385, speed: 5 },
])

const inbound = 'ES ALG'

/** The ship whose voyage is followed: she comes in just after the start. Made up, as all are. */
export const voyager: SceneShip = sailing(
  {
    imo: '9876543',
    mmsi: '636098701',
    callSign: 'D5XA2',
    name: 'ESTRECHO PIONEER',
    flag: 'LR',
    shipType: 71,
    vesselType: 'CONT',
    purposes: ['CARGO_OPERATIONS'],
    lengthMetres: 366,
    beamMetres: 51,
    draughtMetres: 14.2,
    grossTonnage: 149_000,
  },
  [
    { start: pioneerStart, passage: pioneerIn, then: 'moored', destination: inbound },
    {
      start: 140 * minute,
      passage: fromBerth(berthPlaces.juanCarlos1, toWest),
      then: 'away',
      destination: 'US NYC',
    },
  ],
)

/** Names and numbers are made up; the numbers have the form and check digits of real ones. */
export const sceneShips: readonly SceneShip[] = [
  voyager,
  sailing(
    {
      imo: '9765433',
      mmsi: '538098702',
      callSign: 'V7XB2',
      name: 'ATLAS MERIDIAN',
      flag: 'MH',
      shipType: 70,
      vesselType: 'CONT',
      purposes: ['CARGO_OPERATIONS'],
      lengthMetres: 294,
      beamMetres: 32,
      draughtMetres: 11.6,
      grossTonnage: 54_500,
    },
    [
      {
        start: sceneEntrySeconds - 20,
        passage: meridianOut,
        then: 'away',
        destination: 'IT GIT',
      },
      { start: meridianInStart, passage: meridianIn, then: 'moored', destination: inbound },
    ],
  ),
  sailing(
    {
      imo: '9654323',
      mmsi: '255098703',
      callSign: 'CQXC3',
      name: 'MARISMAS FEEDER',
      flag: 'PT',
      shipType: 70,
      vesselType: 'CONT',
      purposes: ['CARGO_OPERATIONS'],
      lengthMetres: 161,
      beamMetres: 25,
      draughtMetres: 8.4,
      grossTonnage: 16_200,
    },
    [
      { start: marismasStart, passage: marismasIn, then: 'moored', destination: inbound },
      {
        start: 58 * minute,
        passage: fromBerth(berthPlaces.juanCarlos3, toEast),
        then: 'away',
        destination: 'MT MAR',
      },
    ],
  ),
  sailing(
    {
      imo: '9543213',
      mmsi: '256098704',
      callSign: '9HXD4',
      name: 'LEVANTE BULK',
      flag: 'MT',
      shipType: 70,
      vesselType: 'BULK',
      purposes: ['BUNKERING'],
      lengthMetres: 229,
      beamMetres: 32,
      draughtMetres: 12.8,
      grossTonnage: 43_000,
    },
    [
      {
        start: startFor(bulkIn, areaBoundary, 36 * minute),
        passage: bulkIn,
        then: 'anchored',
        destination: inbound,
      },
      { start: 120 * minute, passage: bulkOut, then: 'away', destination: 'BR SSZ' },
    ],
  ),
  sailing(
    {
      imo: '9432103',
      mmsi: '224098705',
      callSign: 'EAXE5',
      name: 'BAHIA TRADER',
      flag: 'ES',
      shipType: 80,
      vesselType: 'TANK',
      purposes: ['DISCHARGING'],
      lengthMetres: 144,
      beamMetres: 23,
      draughtMetres: 7.9,
      grossTonnage: 11_700,
    },
    [
      { start: 44 * minute, passage: tankerToPier, then: 'moored', destination: inbound },
      { start: 150 * minute, passage: tankerToAnchor, then: 'anchored', destination: inbound },
    ],
  ),
  sailing(
    {
      imo: '9321093',
      mmsi: '219098706',
      callSign: 'OXXF6',
      name: 'OLVERA STAR',
      flag: 'DK',
      shipType: 79,
      vesselType: 'GCGO',
      purposes: ['LOADING'],
      lengthMetres: 118,
      beamMetres: 18,
      draughtMetres: 6.3,
      grossTonnage: 6_900,
    },
    [
      {
        start: 37 * minute,
        passage: fromBerth(berthPlaces.islaVerde1, toWest),
        then: 'away',
        destination: 'GB FXT',
      },
      { start: olveraInStart, passage: olveraIn, then: 'moored', destination: inbound },
    ],
  ),
  sailing(
    {
      imo: '9210983',
      mmsi: '225098707',
      callSign: 'ECXG7',
      name: 'HERCULES EXPRES',
      flag: 'ES',
      shipType: 69,
      vesselType: 'FERY',
      purposes: ['PASSENGERS'],
      lengthMetres: 98,
      beamMetres: 27,
      draughtMetres: 3.9,
      grossTonnage: 8_100,
    },
    [20, 140].flatMap((atMinute) => [
      {
        start: inPeriod(atMinute * minute - ferryIn.durationSeconds),
        passage: ferryIn,
        then: 'moored' as const,
        destination: inbound,
      },
      {
        start: (atMinute + 22) * minute,
        passage: ferryOut,
        then: 'away' as const,
        destination: 'ES CEU',
      },
    ]),
  ),
  sailing(
    {
      imo: '9109873',
      mmsi: '224098708',
      callSign: 'EAXH8',
      name: 'TARIFA TUG',
      flag: 'ES',
      shipType: 52,
      vesselType: 'ASSI',
      purposes: [],
      lengthMetres: 30,
      beamMetres: 11,
      draughtMetres: 5.1,
      grossTonnage: 390,
    },
    [
      tugTripEnding(berthPlaces.juanCarlos1, pioneerStart + pioneerIn.durationSeconds),
      tugTripEnding(berthPlaces.juanCarlos2, meridianInStart + meridianIn.durationSeconds),
    ],
  ),
  sailing(
    {
      imo: null,
      mmsi: '224098709',
      callSign: 'EAXI9',
      name: 'PRACTICO CARNERO',
      flag: 'ES',
      shipType: 50,
      vesselType: 'PILO',
      purposes: [],
      lengthMetres: 16,
      beamMetres: 5,
      draughtMetres: 1.4,
      grossTonnage: 32,
    },
    [pilotTripAt(pioneerAtPilot), pilotTripAt(meridianAtPilot), pilotTripAt(marismasAtPilot)],
  ),
  {
    vessel: {
      imo: '9098763',
      mmsi: '563098710',
      callSign: '9VXJ2',
      name: 'PENON SPIRIT',
      flag: 'SG',
      shipType: 80,
      vesselType: 'TANK',
      purposes: [],
      lengthMetres: 249,
      beamMetres: 44,
      draughtMetres: 13.1,
      grossTonnage: 61_300,
      stationClass: 'A',
    },
    movements: [],
    place: { ...anchorPlaces.east, heading: 75, rest: 'anchored' },
  },
  sailing(
    {
      imo: null,
      mmsi: '224598711',
      callSign: 'EBXK2',
      name: 'BRISA DEL ESTRECHO',
      flag: 'ES',
      shipType: 36,
      vesselType: null,
      purposes: [],
      lengthMetres: 12,
      beamMetres: 4,
      draughtMetres: 2,
      grossTonnage: 14,
      stationClass: 'B',
    },
    [0, 80, 160].map((atMinute) => ({
      start: atMinute * minute,
      passage: yachtRound,
      then: 'moored' as const,
      destination: '',
    })),
  ),
]

/** What a ship does at a second of the scene, or undefined while she is out of reception. */
export function shipStateAt(ship: SceneShip, atSeconds: number): ShipState | undefined {
  const now = inPeriod(atSeconds)
  const latest = latestMovement(ship, now)
  if (latest === undefined) {
    const { place } = ship
    return restState(place.rest, { ...place, speed: 0, course: place.heading }, inbound)
  }
  const { movement, since } = latest
  const { passage, destination } = movement
  if (since <= passage.durationSeconds) {
    const movementEnds = atSeconds + passage.durationSeconds - since
    return { ...motionAt(passage, since), status: 0, destination, movementEnds }
  }
  const end = motionAt(passage, passage.durationSeconds)
  return restState(movement.then, end, destination)
}

/**
 * The second of the scene at which a ship next comes to her berth or anchorage, or has just done
 * so; undefined for one that never does.
 */
export function arrivalAfter({ movements }: SceneShip, atSeconds: number): number | undefined {
  const arrivals = movements
    .filter(({ then }) => then !== 'away')
    .map(({ start, passage }) => {
      const inOneRound = inPeriod(start + passage.durationSeconds - atSeconds)
      // What ends in the last hour of a round has begun: it ended up to an hour ago.
      const lately = inOneRound > scenePeriodSeconds - 60 * minute
      return atSeconds + inOneRound - (lately ? scenePeriodSeconds : 0)
    })
  return arrivals.length === 0 ? undefined : Math.min(...arrivals)
}

/** UN/LOCODE of the port that she sails for, as it stands in her voyage data. */
export function nextPortOf({ movements }: SceneShip): string | undefined {
  const outward = movements.find(({ then }) => then === 'away')
  return outward?.destination.replace(' ', '')
}

function restState(rest: Rest, at: Motion, destination: string): ShipState | undefined {
  if (rest === 'away') return undefined
  const status = rest === 'anchored' ? 1 : 5
  return { ...at, speed: 0, status, destination, movementEnds: undefined }
}

/** The movement that began last, counting those of the round before. */
function latestMovement(
  { movements }: SceneShip,
  now: number,
): { movement: Movement; since: number } | undefined {
  let latest: { movement: Movement; since: number } | undefined
  for (const movement of movements) {
    const since = inPeriod(now - movement.start)
    if (latest === undefined || since < latest.since) latest = { movement, since }
  }
  return latest
}

function sailing(
  vessel: Omit<SceneVessel, 'stationClass'> & { readonly stationClass?: 'A' | 'B' },
  movements: readonly Movement[],
): SceneShip {
  const [first] = movements
  if (first === undefined) throw new RangeError(`${vessel.name} has no movement`)
  const { lat, lon, heading } = motionAt(first.passage, 0)
  return {
    vessel: { stationClass: 'A', ...vessel },
    movements,
    place: { lat, lon, heading, rest: 'away' },
  }
}

function inPeriod(seconds: number): number {
  return ((seconds % scenePeriodSeconds) + scenePeriodSeconds) % scenePeriodSeconds
}
