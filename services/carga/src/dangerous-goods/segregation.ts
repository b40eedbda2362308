/** Classes and divisions of dangerous goods (IMDG 2.0.1.1); those of class 1 with their group. */
export const hazardClassPattern = String.raw`^(?:1\.[1-6][A-HJ-LNS]?|2\.[1-3]|3|4\.[1-3]|5\.[12]|6\.[12]|7|8|9)$`

/** Rows and columns of the table: A is 1.1, 1.2 and 1.5; B 1.3 and 1.6; C 1.4. */
const names = 'A B C 2.1 2.2 2.3 3 4.1 4.2 4.3 5.1 5.2 6.1 6.2 7 8 9'.split(' ')

/** General segregation between classes (IMDG 7.2.4). X: see the goods list; *: IMDG 7.2.7.1.4. */
const table = `
* * * 4 2 2 4 4 4 4 4 4 2 4 2 4 X
* * * 4 2 2 4 3 3 4 4 4 2 4 2 2 X
* * * 2 1 1 2 2 2 2 2 2 X 4 2 2 X
4 4 2 X X X 2 1 2 2 2 2 X 4 2 1 X
2 2 1 X X X 1 X 1 X X 1 X 2 1 X X
2 2 1 X X X 2 X 2 X X 2 X 2 1 X X
4 4 2 2 1 2 X X 2 2 2 2 X 3 2 X X
4 3 2 1 X X X X 1 X 1 2 X 3 2 1 X
4 3 2 2 1 2 2 1 X 1 2 2 1 3 2 1 X
4 4 2 2 X X 2 X 1 X 2 2 X 2 2 1 X
4 4 2 2 X X 2 1 2 2 X 2 1 3 1 2 X
4 4 2 2 1 2 2 2 2 2 2 X 1 3 2 2 X
2 2 X X X X X X 1 X 1 1 X 1 X X X
4 4 4 4 2 2 3 3 3 2 3 3 1 X 3 3 X
2 2 2 2 1 1 2 2 2 2 1 2 X 3 X 2 X
4 2 2 1 X X X 1 1 1 2 2 X 3 2 X X
X X X X X X X X X X X X X X X X X`
  .trim()
  .split('\n')
  .map((line) => line.split(' '))

/** Away from, separated from, by a complete compartment, longitudinally by one (IMDG 7.2.2.2). */
export const segregationLevels = [1, 2, 3, 4] as const
type SegregationLevel = (typeof segregationLevels)[number]

/** How far two classes must be apart, or that the lists must be consulted; and by which rule. */
export type Segregation = {
  level: SegregationLevel | 'CONSULT'
  rule: string
  /** The classes that the rule speaks of, the first one's and the other's. */
  classes: readonly [string, string]
}

const rowOf = (hazardClass: string): number => {
  const division = hazardClass.slice(0, 3)
  if (['1.1', '1.2', '1.5'].includes(division)) return 0
  if (['1.3', '1.6'].includes(division)) return 1
  if (division === '1.4') return 2
  return names.indexOf(hazardClass)
}

/** @throws Error for a class that IMDG does not know */
const segregationOf = (first: string, second: string): Segregation => {
  const cell = table[rowOf(first)]?.[rowOf(second)]
  if (cell === undefined) throw new Error(`no segregation of ${first} and ${second}`)
  const classes = [first, second] as const
  if (cell === 'X') return { level: 'CONSULT', rule: 'IMDG 7.2.4 (X: goods list)', classes }
  if (cell === '*') return { level: 'CONSULT', rule: 'IMDG 7.2.7.1.4', classes }
  return { level: Number(cell) as SegregationLevel, rule: 'IMDG 7.2.4', classes }
}

/**
 * What holds between two units, over every pair of their primary and subsidiary hazards: the strictest
 * level, null where no pair has one; and the first pair for which the lists must be consulted, if any.
 */
export const strictest = (
  hazards: readonly string[],
  others: readonly string[],
): { apart: Segregation | null; consult: Segregation | null } => {
  let apart: Segregation | null = null
  let consult: Segregation | null = null
  for (const first of hazards) {
    for (const second of others) {
      const found = segregationOf(first, second)
      if (found.level === 'CONSULT') consult ??= found
      else if (apart === null || found.level > Number(apart.level)) apart = found
    }
  }
  return { apart, consult }
}
