import { angleBetween, dot } from '../../services/rutas/src/geography/sphere.ts'
import { gatesCrossed } from '../../services/rutas/src/sea-routes/gates.ts'
import type { SeaChart } from '../../services/rutas/src/sea-routes/sea-chart.ts'
import type { Waypoint } from './waypoints.ts'

/** Cosine of the longest line of sight, 15 degrees: a little more than two steps on the high seas. */
const longest = Math.cos((15 * Math.PI) / 180)

/** How much longer the way by another waypoint may be for a line to be left out. */
const sparing = 1.002

/**
 * Half the side of a block, as a sine: a line that goes aside by less along a parallel or a meridian may
 * leave the land on either side, since great circles are not parallels.
 */
const aside = Math.sin((0.125 * Math.PI) / 180)

/** A line that ships may sail straight, with the passages whose gates it crosses as bits. */
export type SightLine = { from: number; to: number; passages: number }

/** The lines between waypoints that can be part of a shortest way. */
export const findSightLines = (points: readonly Waypoint[], chart: SeaChart): SightLine[] => {
  const lines: SightLine[] = []
  for (const [from, a] of points.entries()) {
    for (let to = from + 1; to < points.length; to += 1) {
      const b = points[to]
      if (!b || dot(a.vector, b.vector) < longest) continue
      if (mayBeShortest(a, b) && chart.isClear(a.vector, b.vector)) {
        lines.push({ from, to, passages: gatesCrossed(a.vector, b.vector) })
      }
    }
  }
  return withoutDuplicates(lines, points)
}

/**
 * The lines without those that two others serve for: shorter ones are kept first, so that what stands
 * in for a line is never left out itself.
 */
const withoutDuplicates = (
  lines: readonly SightLine[],
  points: readonly Waypoint[],
): SightLine[] => {
  const kept = points.map(() => new Map<number, { length: number; passages: number }>())
  const isServed = ({ from, to, passages }: SightLine, length: number): boolean => {
    for (const [by, first] of kept[from] ?? []) {
      const second = kept[by]?.get(to)
      if (!second || (first.passages | second.passages) !== passages) continue
      if (first.length + second.length <= sparing * length) return true
    }
    return false
  }
  const measured = lines.map((line) => {
    const [a, b] = [points[line.from], points[line.to]]
    return { line, length: a && b ? angleBetween(a.vector, b.vector) : 0 }
  })
  return measured
    .toSorted((a, b) => a.length - b.length)
    .flatMap(({ line, length }) => {
      if (isServed(line, length)) return []
      kept[line.from]?.set(line.to, { length, passages: line.passages })
      kept[line.to]?.set(line.from, { length, passages: line.passages })
      return [line]
    })
    .toSorted((a, b) => a.from - b.from || a.to - b.to)
}

/** Where a line ends at a place of another kind than a corner, any direction may be needed. */
const mayBeShortest = (a: Waypoint, b: Waypoint): boolean =>
  a.tangents === null || b.tangents === null || (passes(a, b) && passes(b, a))

/** Whether the line from a waypoint to another leaves the land at the first on one side. */
const passes = ({ east, north, tangents }: Waypoint, { vector }: Waypoint): boolean => {
  if (tangents === null) return true
  const [eastward, northward] = [dot(east, vector), dot(north, vector)]
  if (Math.min(Math.abs(eastward), Math.abs(northward)) < aside) return true
  return eastward * northward > 0 ? tangents.rising : tangents.falling
}
