/** A stretch of time in milliseconds since the epoch: `start` belongs to it, `end` does not. */
export type Period = { start: number; end: number }

/**
 * What someone works, as a line of disjoint periods in order. Whatever is not work is rest, also before
 * the first period and after the last.
 */
export class WorkLine {
  readonly periods: readonly Period[]
  /** Work before each period, in milliseconds. */
  readonly #before: readonly number[]

  /** @param given in any order; those that overlap or touch are one period of work */
  constructor(given: readonly Period[]) {
    const periods: Period[] = []
    for (const { start, end } of given.toSorted((a, b) => a.start - b.start)) {
      const last = periods.at(-1)
      if (last && start <= last.end) last.end = Math.max(last.end, end)
      else if (end > start) periods.push({ start, end })
    }
    let total = 0
    this.#before = periods.map(({ start, end }) => {
      const before = total
      total += end - start
      return before
    })
    this.periods = periods
  }

  /** Milliseconds of work within a window. */
  workIn({ start, end }: Period): number {
    return this.#workUntil(end) - this.#workUntil(start)
  }

  /** The longest stretches of rest within a window, cut at its ends, longest first. */
  restsIn({ start, end }: Period): number[] {
    const rests: number[] = []
    let from = start
    for (let index = this.#firstAfter(start); ; index += 1) {
      const next = this.periods[index]
      const to = Math.min(next?.start ?? end, end)
      if (to > from) rests.push(to - from)
      if (!next || next.end >= end) break
      from = next.end
    }
    return rests.toSorted((a, b) => b - a)
  }

  #workUntil(time: number): number {
    const index = this.#firstAfter(time)
    const period = this.periods[index]
    if (period) return (this.#before[index] ?? 0) + Math.max(0, time - period.start)
    const last = this.periods.at(-1)
    return last ? (this.#before.at(-1) ?? 0) + (last.end - last.start) : 0
  }

  /** Index of the first period that ends after a time. */
  #firstAfter(time: number): number {
    let [low, high] = [0, this.periods.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.periods[middle]?.end ?? Infinity) > time) high = middle
      else low = middle + 1
    }
    return low
  }
}
