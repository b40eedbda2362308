import { describe, expect, it } from 'vitest'
import { hazardClassPattern, strictest } from './segregation.ts'
import { conflictsAmong, type Distances, placeAboard, type Unit } from './stow-plan.ts'

const classes = '1.1D 1.2 1.3G 1.4S 1.5 1.6 2.1 2.2 2.3 3 4.1 4.2 4.3 5.1 5.2 6.1 6.2 7 8 9'.split(
  ' ',
)
const levelOf = (a: string, b: string) => {
  const { apart, consult } = strictest([a], [b])
  return apart?.level ?? consult?.level
}

describe('the segregation table', () => {
  it('is symmetric, and has an answer for every pair of classes', () => {
    for (const a of classes) {
      for (const b of classes) {
        expect([a, b, levelOf(a, b)]).toEqual([a, b, levelOf(b, a)])
        expect([1, 2, 3, 4, 'CONSULT']).toContain(levelOf(a, b))
      }
    }
    expect(() => strictest(['4.9'], ['3'])).toThrow('no segregation of 4.9 and 3')
  })

  it('says what IMDG 7.2.4 says', () => {
    const cases: [string, string, number | string][] = [
      ['1.1D', '3', 4],
      ['1.3G', '4.1', 3],
      ['1.4S', '8', 2],
      ['1.4S', '6.1', 'CONSULT'],
      ['1.1D', '1.4S', 'CONSULT'],
      ['2.1', '4.3', 2],
      ['3', '4.3', 2],
      ['3', '5.1', 2],
      ['4.2', '8', 1],
      ['5.2', '6.2', 3],
      ['8', '9', 'CONSULT'],
    ]
    for (const [a, b, level] of cases) expect([a, b, levelOf(a, b)]).toEqual([a, b, level])
  })

  it('takes the strictest over primary and subsidiary hazards, and still consults', () => {
    const { apart, consult } = strictest(['3', '8'], ['6.1', '4.3'])
    expect(apart).toEqual({ level: 2, rule: 'IMDG 7.2.4', classes: ['3', '4.3'] })
    expect(consult).toMatchObject({ level: 'CONSULT', classes: ['3', '6.1'] })
    expect(strictest(['1.1D'], ['1.3G']).consult?.rule).toBe('IMDG 7.2.7.1.4')
  })

  it('knows which classes there are', () => {
    const known = new RegExp(hazardClassPattern)
    for (const each of classes) expect(each).toMatch(known)
    for (const each of ['1', '1.7', '2', '2.4', '3.1', '10', '8A', '']) {
      expect(each).not.toMatch(known)
    }
  })
})

const distances: Distances = [3, 6, 12, 24]
const unit = (id: string, hazards: string[], x: number, y = 0): Unit => ({
  containerVisitId: id,
  equipmentReference: id,
  area: 'A',
  x,
  y,
  length: 6.06,
  hazards,
})

describe('containers that stand near each other', () => {
  it('are in conflict when less lies between them than their level asks for', () => {
    const [conflict] = conflictsAmong([unit('a', ['3'], 0), unit('b', ['5.1'], 12)], distances)
    expect(conflict).toMatchObject({
      between: [{ containerVisitId: 'a' }, { containerVisitId: 'b' }],
      segregation: { level: 2 },
      required: 6,
    })
    expect(conflict?.distance).toBeCloseTo(5.94)
    expect(conflictsAmong([unit('a', ['3'], 0), unit('b', ['5.1'], 12.1)], distances)).toEqual([])
  })

  it('are consulted about when they are nearer than the first level', () => {
    const near = [unit('a', ['3'], 0), unit('b', ['8'], 6.5)]
    expect(conflictsAmong(near, distances)).toMatchObject([
      { segregation: { level: 'CONSULT', rule: 'IMDG 7.2.4 (X: goods list)' } },
    ])
    expect(conflictsAmong([unit('a', ['3'], 0), unit('b', ['8'], 9.5)], distances)).toEqual([])
  })

  it('are not compared across areas', () => {
    const apart = [unit('a', ['3'], 0), { ...unit('b', ['5.1'], 0), area: 'B' }]
    expect(conflictsAmong(apart, distances)).toEqual([])
  })

  it('are found by the grid as by comparing all with all, 5,000 of them at once', () => {
    const units = Array.from({ length: 5_000 }, (_, n) =>
      unit(
        String(n),
        [classes[n % classes.length] ?? '3'],
        (n % 100) * 13,
        Math.floor(n / 100) * 9,
      ),
    )
    const found = conflictsAmong(units, distances)
    const some = units.filter((_, n) => n % 100 < 8 && n < 1_500)
    let expected = 0
    for (const [n, a] of some.entries()) {
      for (const b of some.slice(n + 1)) expected += conflictsAmong([a, b], distances).length
    }
    const ids = new Set(some.map(({ containerVisitId }) => containerVisitId))
    const among = found.filter(({ between }) =>
      between.every(({ containerVisitId }) => ids.has(containerVisitId)),
    )
    expect(expected).toBeGreaterThan(100)
    expect(among).toHaveLength(expected)
  })

  it('lie aboard where ISO 9711-1 numbers their slots', () => {
    expect(placeAboard({ bay: 1, row: 0 })).toEqual({ x: 3.25, y: -0 })
    expect(placeAboard({ bay: 3, row: 1 })).toEqual({ x: 9.75, y: 2.5 })
    expect(placeAboard({ bay: 3, row: 2 })).toEqual({ x: 9.75, y: -2.5 })
  })
})
