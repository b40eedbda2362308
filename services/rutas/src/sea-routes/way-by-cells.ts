import FlatQueue from 'flatqueue'
import { angleBetween, placeOf, type Vector, vectorOf } from '../geography/sphere.ts'
import { gatesCrossed } from './gates.ts'
import { cellAt, cellBeside, middleOf, type SeaChart } from './sea-chart.ts'
import { nauticalMiles } from './sea-network.ts'

/** Cells that are looked at, at most: some milliseconds. */
const mostCells = 5_000

const around = [-1, 0, 1].flatMap((north) => [-1, 0, 1].map((east) => ({ east, north })))

type Step = { cell: number; middle: Vector; length: number; before: Step | null }

/**
 * The shortest way between two places in the sea from cell to cell of the chart, by the middles of the
 * cells; null where none is shorter than `longest` nautical miles, or it is not found in time. `closed`
 * are bits of passages.
 */
export const wayByCells = (
  chart: Pick<SeaChart, 'isSea'>,
  { from, to, longest, closed }: { from: Vector; to: Vector; longest: number; closed: number },
): Vector[] | null => {
  const goal = cellAt(placeOf(to))
  const lengths = new Map<number, number>()
  const steps: Step[] = []
  const queue = new FlatQueue()
  const reach = (step: Step): void => {
    const whole = step.length + nauticalMiles(angleBetween(step.middle, to))
    if (whole >= longest || step.length >= (lengths.get(step.cell) ?? Infinity)) return
    lengths.set(step.cell, step.length)
    queue.push(steps.push(step) - 1, whole)
  }
  const stepTo = (cell: number, before: Step | null): Step => {
    const middle = vectorOf(middleOf(cell))
    const length = nauticalMiles(angleBetween(before?.middle ?? from, middle))
    return { cell, middle, length: (before?.length ?? 0) + length, before }
  }

  reach(stepTo(cellAt(placeOf(from)), null))
  for (let looked = 0; queue.length > 0 && looked < mostCells; looked += 1) {
    const step = steps[queue.pop() ?? 0]
    if (!step || step.length > (lengths.get(step.cell) ?? 0)) continue
    if (step.cell === goal) return [from, ...middlesTo(step), to]
    for (const { east, north } of around) {
      const beside = sailedTo(chart, step.cell, { east, north })
      if (beside === null || beside === step.before?.cell) continue
      const next = stepTo(beside, step)
      if ((gatesCrossed(step.middle, next.middle) & closed) === 0) reach(next)
    }
  }
  return null
}

/** The cell at a side or corner of another, where it and those on the way to it are sea. */
const sailedTo = (
  { isSea }: Pick<SeaChart, 'isSea'>,
  cell: number,
  { east, north }: { east: number; north: number },
): number | null => {
  const onTheWay = [cellBeside(cell, east, 0), cellBeside(cell, 0, north)]
  const beside = cellBeside(cell, east, north)
  const all = [...onTheWay, beside]
  return all.every((each) => each !== null && isSea(middleOf(each))) ? beside : null
}

const middlesTo = (last: Step): Vector[] => {
  const middles: Vector[] = []
  for (let step: Step | null = last; step; step = step.before) middles.unshift(step.middle)
  return middles
}
