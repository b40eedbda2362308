import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { feature } from 'topojson-client'
import { normalLongitude, shortWay } from '../../services/rutas/src/geography/geodesy.ts'
import {
  cellAt,
  cellBeside,
  cellsPerDegree,
  columns,
  middleOf,
  rows,
} from '../../services/rutas/src/sea-routes/sea-chart.ts'
import { fairways } from './fairways.ts'

type Ring = readonly (readonly number[])[]

/** Where the waters of the Polar Code begin (SOLAS XIV/1.2), in which no route is looked for. */
const antarcticWaters = -60

/** A place in the middle of the Atlantic, from which every sea that ships sail can be reached. */
const inTheOcean = cellAt({ lat: 0, lon: -30 })

/**
 * Shoals that the coast does not show and that no merchant ship passes: Adam's Bridge, from Rameswaram to
 * Talaimannar, where the channels of the Palk Strait are 2 to 4 m deep.
 */
const shoals: readonly Ring[] = [
  [
    [79.15, 9.28],
    [79.45, 9.15],
    [79.75, 9.05],
    [79.95, 8.95],
  ],
]

/** Natural Earth's coast at 1 : 10 million, public domain. */
export const coastFile = fileURLToPath(import.meta.resolve('world-atlas/land-10m.json'))

/**
 * The cells that are land at least in part, or sea that no ship reaches, one byte each. Fairways are
 * cut into it.
 */
export const landCells = async (): Promise<Uint8Array> => {
  const land = new Uint8Array(rows * columns)
  const rings = await coast()
  fill(land, rings)
  for (const ring of [...rings, ...shoals]) drawLine(ring, (cell) => (land[cell] = 1))
  land.fill(1, 0, (antarcticWaters + 90) * cellsPerDegree * columns)
  for (const fairway of fairways) {
    const through = fairway.map(([lon, lat]) => middleOf(cellAt({ lat, lon })))
    drawLine(
      through.map(({ lat, lon }) => [lon, lat]),
      (cell) => (land[cell] = 0),
    )
  }
  return withoutLakes(land)
}

/** The rings of the coast, those over the antimeridian with longitudes that go on beyond 180. */
const coast = async (): Promise<Ring[]> => {
  const topology = JSON.parse(await readFile(coastFile, 'utf8')) as Parameters<typeof feature>[0]
  const object = topology.objects['land']
  if (!object) throw new Error(`${coastFile} has no land`)
  const found = feature(topology, object)
  const features = found.type === 'FeatureCollection' ? found.features : [found]
  const rings = features.flatMap(({ geometry }) => {
    if (geometry.type === 'Polygon') return geometry.coordinates
    return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : []
  })
  return rings.map(unbroken)
}

const unbroken = (ring: Ring): Ring => {
  let before = ring[0]?.[0] ?? 0
  return ring.map(([lon = 0, lat = 0]) => {
    before += shortWay(lon - before)
    return [before, lat]
  })
}

/** Marks cells whose middle lies in an odd number of rings. */
const fill = (land: Uint8Array, rings: readonly Ring[]): void => {
  const crossings = Array.from({ length: rows }, (): number[] => [])
  for (const ring of rings) {
    for (let n = 1; n < ring.length; n += 1) {
      const [lon = 0, lat = 0] = ring[n - 1] ?? []
      const [toLon = 0, toLat = 0] = ring[n] ?? []
      const [south, north] = [Math.min(lat, toLat), Math.max(lat, toLat)]
      for (let row = Math.ceil((south + 90) * cellsPerDegree - 0.5); row < rows; row += 1) {
        const middle = (row + 0.5) / cellsPerDegree - 90
        if (middle >= north) break
        crossings[row]?.push(lon + ((middle - lat) / (toLat - lat)) * (toLon - lon))
      }
    }
  }
  for (const [row, found] of crossings.entries()) {
    found.sort((a, b) => a - b)
    for (let n = 1; n < found.length; n += 2) {
      const [west = 0, east = 0] = [found[n - 1], found[n]]
      const first = Math.ceil((west + 180) * cellsPerDegree - 0.5)
      const last = Math.floor((east + 180) * cellsPerDegree - 0.5)
      for (let column = first; column <= last; column += 1) {
        land[row * columns + ((column + 2 * columns) % columns)] = 1
      }
    }
  }
}

/** Visits each cell that a line of longitudes and latitudes passes through. */
const drawLine = (line: Ring, visit: (cell: number) => void): void => {
  let before: number | null = null
  for (let n = 1; n < line.length; n += 1) {
    const [lon = 0, lat = 0] = line[n - 1] ?? []
    const [toLon = 0, toLat = 0] = line[n] ?? []
    const longest = Math.max(Math.abs(toLon - lon), Math.abs(toLat - lat))
    const steps = Math.max(1, Math.ceil(longest * cellsPerDegree * 20))
    for (let step = 0; step <= steps; step += 1) {
      const share = step / steps
      const place = { lat: lat + share * (toLat - lat), lon: lon + share * (toLon - lon) }
      const cell = cellAt({ ...place, lon: normalLongitude(place.lon) })
      // Where it passes a corner, those beside the corner too: cells are joined by their sides.
      if (before !== null) {
        visit(cell - (cell % columns) + (before % columns))
        visit(before - (before % columns) + (cell % columns))
      }
      visit(cell)
      before = cell
    }
  }
}

/** The same with every sea cell as land that the ocean does not reach by sides of cells. */
const withoutLakes = (land: Uint8Array): Uint8Array => {
  const reached = new Uint8Array(land.length).fill(1)
  const queue = new Int32Array(land.length)
  reached[inTheOcean] = 0
  queue[0] = inTheOcean
  for (let head = 0, tail = 1; head < tail; head += 1) {
    for (const beside of sidesOf(queue[head] ?? 0)) {
      if (land[beside] === 1 || reached[beside] === 0) continue
      reached[beside] = 0
      queue[tail] = beside
      tail += 1
    }
  }
  return reached
}

/** The cells that share a side with a cell. */
export const sidesOf = (cell: number): number[] =>
  [
    cellBeside(cell, -1, 0),
    cellBeside(cell, 1, 0),
    cellBeside(cell, 0, -1),
    cellBeside(cell, 0, 1),
  ].filter((beside) => beside !== null)

/** One bit a cell, as the chart is kept. */
export const packed = (land: Uint8Array): Uint8Array => {
  const bits = new Uint8Array(Math.ceil(land.length / 8))
  for (let cell = 0; cell < land.length; cell += 1) {
    if (land[cell] === 1) bits[cell >> 3] = (bits[cell >> 3] ?? 0) | (1 << (cell & 7))
  }
  return bits
}
