import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillPositions } from './filling.ts'

/** The most positions that any choice fills, by trying all. */
const most = (choices: readonly (readonly string[])[], taken: readonly string[] = []): number => {
  const [first, ...others] = choices
  if (!first) return 0
  const free = first.filter((person) => !taken.includes(person))
  return Math.max(
    most(others, taken),
    ...free.map((person) => 1 + most(others, [...taken, person])),
  )
}

describe('filling positions', () => {
  it('prefers who stands first, and lets them make way', () => {
    expect(
      fillPositions([
        ['ana', 'bo'],
        ['bo', 'ana'],
      ]),
    ).toEqual(['ana', 'bo'])
    expect(fillPositions([['ana', 'bo'], ['ana']])).toEqual(['bo', 'ana'])
    expect(fillPositions([['ana'], ['ana'], []]).filter(Boolean)).toEqual(['ana'])
    expect(fillPositions([])).toEqual([])
  })

  it('fills as many as can be, nobody twice', () => {
    const people = ['a', 'b', 'c', 'd', 'e']
    fc.assert(
      fc.property(fc.array(fc.subarray(people), { maxLength: 5 }), (choices) => {
        const filled = fillPositions(choices)
        const placed = filled.filter((person) => person !== null)
        expect(new Set(placed).size).toBe(placed.length)
        expect(placed).toHaveLength(most(choices))
        for (const [index, person] of filled.entries()) {
          if (person !== null) expect(choices[index]).toContain(person)
        }
      }),
    )
  })
})
