/** Degrees, WGS 84. */
export interface Place {
  readonly lat: number
  readonly lon: number
}

export type ZoneKind = 'port-area' | 'anchorage' | 'pilot-boarding' | 'berth'

export interface SceneZone {
  readonly code: string
  readonly name: string
  readonly kind: ZoneKind
  readonly UNLocationCode: string
  /** SMDG or BIC form; only berths have one. */
  readonly facilityCode?: string
  readonly geometry: {
    readonly type: 'Polygon'
    /** GeoJSON: longitude before latitude, the ring closed, anticlockwise. */
    readonly coordinates: readonly (readonly (readonly [number, number])[])[]
  }
}

/**
 * The bay of Algeciras, drawn with a thick pen: the places are about right, the outlines are
 * simple. Not for navigation.
 */
export const port = {
  UNLocationCode: 'ESALG',
  name: 'Algeciras',
  /** Where the receiver and the base station stand. */
  station: { lat: 36.1217, lon: -5.4403 },
} as const

export const metresPerDegree = {
  lat: 60 * 1852,
  lon: 60 * 1852 * Math.cos((36.1 * Math.PI) / 180),
} as const

/** A berth along a quay that faces east, ships lying north or south. */
function berth(code: string, name: string, place: Place): SceneZone {
  return zone({
    code,
    name,
    kind: 'berth',
    facilityCode: code.slice('ESALG-'.length).replace('-', ''),
    outline: box({
      south: place.lat - 0.0021,
      west: place.lon - 0.001,
      north: place.lat + 0.0021,
      east: place.lon + 0.001,
    }),
  })
}

/** The middle of a ship that lies at each berth. */
export const berthPlaces = {
  juanCarlos1: { lat: 36.132, lon: -5.4255 },
  juanCarlos2: { lat: 36.1365, lon: -5.4255 },
  juanCarlos3: { lat: 36.141, lon: -5.4255 },
  islaVerde1: { lat: 36.1235, lon: -5.421 },
  ferry1: { lat: 36.1478, lon: -5.4275 },
  mayorga1: { lat: 36.178, lon: -5.395 },
} as const satisfies Record<string, Place>

export const pilotBoardingPlace: Place = { lat: 36.077, lon: -5.39 }

const pilotBoardingRadius = 900

export const sceneZones: readonly SceneZone[] = [
  zone({
    code: 'ESALG-PORT',
    name: 'Algeciras port area',
    kind: 'port-area',
    outline: [
      [-5.43, 36.055],
      [-5.365, 36.055],
      [-5.365, 36.185],
      [-5.44, 36.185],
      [-5.452, 36.15],
      [-5.448, 36.11],
      [-5.43, 36.085],
    ],
  }),
  zone({
    code: 'ESALG-ANCH-A',
    name: 'Algeciras anchorage A',
    kind: 'anchorage',
    outline: box({ south: 36.15, west: -5.414, north: 36.168, east: -5.39 }),
  }),
  zone({
    code: 'ESALG-PILOT',
    name: 'Algeciras pilot boarding place',
    kind: 'pilot-boarding',
    outline: circle(pilotBoardingPlace, pilotBoardingRadius),
  }),
  berth('ESALG-JC-1', 'Juan Carlos I, berth 1', berthPlaces.juanCarlos1),
  berth('ESALG-JC-2', 'Juan Carlos I, berth 2', berthPlaces.juanCarlos2),
  berth('ESALG-JC-3', 'Juan Carlos I, berth 3', berthPlaces.juanCarlos3),
  berth('ESALG-IV-1', 'Isla Verde, berth 1', berthPlaces.islaVerde1),
  berth('ESALG-FE-1', 'Ferry terminal, berth 1', berthPlaces.ferry1),
  berth('ESALG-PM-1', 'Puente Mayorga, berth 1', berthPlaces.mayorga1),
]

/** What barcos knows of a berth; metres. */
export interface SceneBerth {
  readonly code: string
  readonly name: string
  readonly UNLocationCode: string
  readonly facilityCode: string
  readonly facilityCodeListProvider: 'SMDG'
  readonly geometry: SceneZone['geometry']
  readonly quayLength: number
  readonly depth: number
  readonly bollards: readonly { readonly number: string; readonly metre: number }[]
  readonly maximumLengthOverall: number
  readonly maximumDraft: number
  readonly vesselTypes: readonly string[]
  /** Absent: every class. */
  readonly dangerousGoodsClasses?: readonly string[]
  readonly reeferPlugs: number
}

/** The berths of the zones, deep and long enough for the ships that the scene brings to them. */
export const sceneBerths: readonly SceneBerth[] = [
  quay('ESALG-JC-1', { depth: 18, longest: 400, types: ['CONT'], reeferPlugs: 240 }),
  quay('ESALG-JC-2', { depth: 17, longest: 400, types: ['CONT'], reeferPlugs: 180 }),
  quay('ESALG-JC-3', { depth: 15, longest: 300, types: ['CONT', 'GCGO'], reeferPlugs: 120 }),
  quay('ESALG-IV-1', { depth: 12, longest: 230, types: ['GCGO', 'BULK', 'CONT'], reeferPlugs: 20 }),
  quay('ESALG-FE-1', {
    depth: 8,
    longest: 180,
    types: ['FERY', 'PASS', 'RORO'],
    reeferPlugs: 0,
    dangerousGoodsClasses: [],
  }),
  quay('ESALG-PM-1', {
    depth: 14,
    longest: 250,
    types: ['TANK', 'LGTK'],
    reeferPlugs: 0,
    dangerousGoodsClasses: ['2.1', '2.2', '3', '8', '9'],
  }),
]

/** What barcos knows of the anchorage. */
export const sceneAnchorage = {
  ...approach('ESALG-ANCH-A'),
  geometry: zoneOf('ESALG-ANCH-A').geometry,
  depth: 55,
  maximumLengthOverall: 300,
  capacity: 6,
} as const

/** What barcos knows of the pilot boarding place: the circle that its zone is drawn from. */
export const scenePilotBoardingPlace = {
  ...approach('ESALG-PILOT'),
  geometry: { type: 'Point', coordinates: [pilotBoardingPlace.lon, pilotBoardingPlace.lat] },
  radiusMetres: pilotBoardingRadius,
  VHFChannel: 13,
} as const

/** Whether a place lies inside a zone's outline. */
export function isInside({ lat, lon }: Place, { geometry }: Pick<SceneZone, 'geometry'>): boolean {
  const ring = geometry.coordinates[0] ?? []
  let inside = false
  let [previousLon, previousLat] = ring.at(-1) ?? [0, 0]
  for (const [cornerLon, cornerLat] of ring) {
    if (
      cornerLat > lat !== previousLat > lat &&
      lon < ((previousLon - cornerLon) * (lat - cornerLat)) / (previousLat - cornerLat) + cornerLon
    ) {
      inside = !inside
    }
    ;[previousLon, previousLat] = [cornerLon, cornerLat]
  }
  return inside
}

/** @throws an error for a code that no zone has */
function zoneOf(code: string): SceneZone {
  const found = sceneZones.find((each) => each.code === code)
  if (found === undefined) throw new Error(`the scene has no zone ${code}`)
  return found
}

/** What names a zone's place at its port, whose own codes say nothing of the port. */
function approach(code: string) {
  const { name, UNLocationCode } = zoneOf(code)
  return { code: code.slice(port.UNLocationCode.length + 1), name, UNLocationCode }
}

interface Quay {
  readonly depth: number
  readonly longest: number
  readonly types: readonly string[]
  readonly reeferPlugs: number
  readonly dangerousGoodsClasses?: readonly string[]
}

/** Berths are as long as their zones; a bollard stands every 20 m. */
function quay(code: string, given: Quay): SceneBerth {
  const { depth, longest, types, ...limits } = given
  const { facilityCode = '', geometry } = zoneOf(code)
  const quayLength = 460
  return {
    ...approach(code),
    facilityCode,
    facilityCodeListProvider: 'SMDG',
    geometry,
    quayLength,
    depth,
    bollards: Array.from({ length: quayLength / 20 }, (_, index) => ({
      number: String(index + 1),
      metre: 10 + index * 20,
    })),
    maximumLengthOverall: longest,
    maximumDraft: depth - 1,
    vesselTypes: types,
    ...limits,
  }
}

type Corner = readonly [number, number]

function zone(options: {
  code: string
  name: string
  kind: ZoneKind
  facilityCode?: string
  outline: readonly Corner[]
}): SceneZone {
  const { outline, ...described } = options
  const [first] = outline
  const coordinates = [first === undefined ? [...outline] : [...outline, first]]
  return {
    ...described,
    UNLocationCode: port.UNLocationCode,
    geometry: { type: 'Polygon', coordinates },
  }
}

interface Edges {
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number
}

function box({ south, west, north, east }: Edges): Corner[] {
  return [
    [round(west), round(south)],
    [round(east), round(south)],
    [round(east), round(north)],
    [round(west), round(north)],
  ]
}

function circle({ lat, lon }: Place, radiusMetres: number): Corner[] {
  return Array.from({ length: 24 }, (_, index) => {
    const angle = (index * 2 * Math.PI) / 24
    return [
      round(lon + (radiusMetres * Math.cos(angle)) / metresPerDegree.lon),
      round(lat + (radiusMetres * Math.sin(angle)) / metresPerDegree.lat),
    ]
  })
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6
}
