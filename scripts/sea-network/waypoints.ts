import { cross, vectorOf, type Vector } from '../../services/rutas/src/geography/sphere.ts'
import {
  cellAt,
  cellBeside,
  cellsPerDegree,
  columns,
  middleOf,
  rows,
  type SeaChart,
} from '../../services/rutas/src/sea-routes/sea-chart.ts'
import { fairways } from './fairways.ts'
import { sidesOf } from './land.ts'

/** A place where a route may bend. */
export type Waypoint = {
  cell: number
  vector: Vector
  east: Vector
  north: Vector
  /**
   * The directions in which a line may pass the land at its side and go on straight, by the signs of
   * east times north: only such lines can be part of a shortest way. Null where every line counts.
   */
  tangents: { rising: boolean; falling: boolean } | null
}

/** Cells along the side of a block: land with its offing of up to a quarter of a degree. */
const blockSide = cellsPerDegree / 4
const blockColumns = columns / blockSide
const blockRows = rows / blockSide

/** Every place where a route may bend: corners of the land, fairways, and what else narrows need. */
export const findWaypoints = (land: Uint8Array, chart: SeaChart): Waypoint[] => {
  const blocks = blocksOf(land)
  const found = [...cornersOf(blocks), ...highSeas(blocks), ...fairwayPoints(), ...southernBorder()]
  return [...found, ...narrowsOf(land, { found, chart, blocks })]
}

const waypoint = (cell: number, tangents: Waypoint['tangents']): Waypoint => {
  const vector = vectorOf(middleOf(cell))
  const ring = Math.hypot(vector[0], vector[1])
  const east: Vector = [-vector[1] / ring, vector[0] / ring, 0]
  return { cell, vector, east, north: cross(vector, east), tangents }
}

/** Blocks that hold land, one byte each. */
const blocksOf = (land: Uint8Array): Uint8Array => {
  const blocks = new Uint8Array(blockColumns * blockRows)
  for (let cell = 0; cell < land.length; cell += 1) {
    if (land[cell] === 1) blocks[blockAt(cell)] = 1
  }
  return blocks
}

const blockAt = (cell: number): number =>
  Math.floor(Math.floor(cell / columns) / blockSide) * blockColumns +
  Math.floor((cell % columns) / blockSide)

const blockBeside = (block: number, east: number, north: number): number | null => {
  const row = Math.floor(block / blockColumns) + north
  if (row < 0 || row >= blockRows) return null
  return row * blockColumns + (((block % blockColumns) + east + blockColumns) % blockColumns)
}

const middleCell = (block: number): number => {
  const row = Math.floor(block / blockColumns) * blockSide + Math.floor(blockSide / 2)
  return row * columns + (block % blockColumns) * blockSide + Math.floor(blockSide / 2)
}

/** Sea blocks that touch land by a corner alone: the shortest way round land bends in these. */
const cornersOf = (blocks: Uint8Array): Waypoint[] => {
  const isLand = (block: number | null): boolean => block === null || blocks[block] === 1
  const found: Waypoint[] = []
  for (let block = 0; block < blocks.length; block += 1) {
    if (isLand(block)) continue
    const touches = (east: number, north: number): boolean =>
      isLand(blockBeside(block, east, north)) &&
      !isLand(blockBeside(block, east, 0)) &&
      !isLand(blockBeside(block, 0, north))
    // Past land in the north-east or south-west a line falls, past the others it rises.
    const falling = touches(1, 1) || touches(-1, -1)
    const rising = touches(1, -1) || touches(-1, 1)
    if (falling || rising) found.push(waypoint(middleCell(block), { rising, falling }))
  }
  return found
}

/**
 * A lattice over the seas far from land, each five degrees of a great circle: with it no line of sight
 * need be long. Bends that a route takes at these are pulled straight when it has been found.
 */
const highSeas = (blocks: Uint8Array): Waypoint[] => {
  const apart = 5
  const clearance = blockColumns / 360
  const found: Waypoint[] = []
  for (let lat = -57.5; lat < 80; lat += apart) {
    const many = Math.round((360 / apart) * Math.cos((lat * Math.PI) / 180))
    for (let n = 0; n < many; n += 1) {
      const cell = cellAt({ lat, lon: -180 + (360 * n) / many })
      const around = span(clearance).flatMap((north) =>
        span(clearance).map((east) => blockBeside(blockAt(cell), east, north)),
      )
      if (around.every((block) => block === null || blocks[block] === 0)) {
        found.push(waypoint(cell, null))
      }
    }
  }
  return found
}

const span = (reach: number): number[] => Array.from({ length: 2 * reach + 1 }, (_, n) => n - reach)

const fairwayPoints = (): Waypoint[] => {
  const cells = fairways.flat().map(([lon, lat]) => cellAt({ lat, lon }))
  return [...new Set(cells)].map((cell) => waypoint(cell, null))
}

/** Along the southern border of the chart a route bends all the way: a place each five degrees. */
const southernBorder = (): Waypoint[] =>
  Array.from({ length: 72 }, (_, n) => waypoint(cellAt({ lat: -59.9, lon: 5 * n - 180 }), null))

/**
 * Places in waters so narrow that their blocks hold land, so that from each cell of sea another
 * waypoint can be seen, and one gets from each cell to those at its sides without a long way round.
 */
const narrowsOf = (
  land: Uint8Array,
  { found, chart, blocks }: { found: readonly Waypoint[]; chart: SeaChart; blocks: Uint8Array },
): Waypoint[] => {
  const index = nearbyWaypoints(chart)
  for (const point of found) index.add(point)
  const added: Waypoint[] = []
  const add = (cell: number): Waypoint => {
    const point = waypoint(cell, null)
    added.push(point)
    index.add(point)
    return point
  }

  // From the open sea inwards: where a cell sees no waypoint, the one before it, which does, becomes one.
  const visited = openSea(land, blocks)
  const seen = new Map<number, Waypoint>()
  const queue: { cell: number; from: number }[] = []
  const visitSides = (cell: number): void => {
    for (const beside of sidesOf(cell)) {
      if (land[beside] === 1 || visited[beside] === 1) continue
      visited[beside] = 1
      queue.push({ cell: beside, from: cell })
    }
  }
  for (let cell = 0; cell < land.length; cell += 1) if (visited[cell] === 1) visitSides(cell)
  for (let next = 0; next < queue.length; next += 1) {
    const { cell, from } = queue[next] ?? { cell: 0, from: 0 }
    seen.set(cell, index.inSightOf(cell) ?? add(from))
    visitSides(cell)
  }

  // Where two ways in meet, each with its own waypoint, these are joined.
  const joined = new Set<string>()
  for (const [cell, one] of seen) {
    for (const beside of sidesOf(cell)) {
      const other = seen.get(beside)
      if (!other || other.cell <= one.cell) continue
      const pair = `${one.cell} ${other.cell}`
      if (joined.has(pair)) continue
      joined.add(pair)
      if (index.areNear(one, other)) continue
      add(cell)
      add(beside)
    }
  }
  return added
}

/** Waypoints by squares of one degree, to find those around a place. */
const nearbyWaypoints = (chart: SeaChart) => {
  const squares = new Map<number, Waypoint[]>()
  const around = (cell: number): Waypoint[] =>
    squaresAround(cell).flatMap((square) => squares.get(square) ?? [])
  return {
    add: (point: Waypoint): void => {
      const square = squareOf(point.cell)
      squares.set(square, [...(squares.get(square) ?? []), point])
    },
    inSightOf: (cell: number): Waypoint | undefined => {
      const vector = vectorOf(middleOf(cell))
      return around(cell).find((point) => chart.isClear(vector, point.vector))
    },
    /** Whether one can be reached from the other straight, or by one more. */
    areNear: (one: Waypoint, other: Waypoint): boolean =>
      chart.isClear(one.vector, other.vector) ||
      around(one.cell).some(
        (by) => chart.isClear(one.vector, by.vector) && chart.isClear(by.vector, other.vector),
      ),
  }
}

/** The cells of the largest sea whose blocks hold no land, one byte each. */
const openSea = (land: Uint8Array, blocks: Uint8Array): Uint8Array => {
  const reached = new Uint8Array(blocks.length)
  const queue = [blockAt(cellAt({ lat: 0, lon: -30 }))]
  reached[queue[0] ?? 0] = 1
  for (let next = 0; next < queue.length; next += 1) {
    const block = queue[next] ?? 0
    const sides = [
      blockBeside(block, 1, 0),
      blockBeside(block, -1, 0),
      blockBeside(block, 0, 1),
      blockBeside(block, 0, -1),
    ]
    for (const beside of sides) {
      if (beside === null || blocks[beside] === 1 || reached[beside] === 1) continue
      reached[beside] = 1
      queue.push(beside)
    }
  }
  return land.map((_, cell) => reached[blockAt(cell)] ?? 0)
}

const squareOf = (cell: number): number =>
  Math.floor(Math.floor(cell / columns) / cellsPerDegree) * 360 +
  Math.floor((cell % columns) / cellsPerDegree)

const squaresAround = (cell: number): number[] =>
  [-1, 0, 1].flatMap((north) =>
    [-1, 0, 1].flatMap((east) => {
      const beside = cellBeside(cell, east * cellsPerDegree, north * cellsPerDegree)
      return beside === null ? [] : [squareOf(beside)]
    }),
  )
