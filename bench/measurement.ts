/** One line of a measurement: ours beside the reference, measured in turn in one run. */
export type Row = {
  what: string
  /** Ours divided by the reference. */
  ratio: number
  ours: number
  reference: number
}

export type Measurement = {
  name: string
  /** What is compared with what, and in which unit. */
  title: string
  run: (log: (line: string) => void) => Promise<Row[]>
}

/** The middle value; of an even number the lower of the two in the middle. */
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN

/** The value that one in a hundred is beyond. */
export const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN

/** The row of several interleaved rounds: the median of each side. */
export const rowOf = (what: string, ours: readonly number[], reference: readonly number[]): Row => {
  const [mine, theirs] = [median(ours), median(reference)]
  return { what, ratio: round(mine / theirs, 3), ours: round(mine, 2), reference: round(theirs, 2) }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))
