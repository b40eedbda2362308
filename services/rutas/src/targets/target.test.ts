import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrivalsOf, describeTarget, hearName, stateOf, unknownTarget } from './target.ts'

const rules = { staleAfter: 600_000, lostAfter: 3_600_000 }

describe('the state of a target', () => {
  it('follows the age of its last message', () => {
    const now = 10_000_000
    const state = (age: number) => stateOf(now - age, { now, rules })
    expect([0, 599_999, 600_000, 3_599_999, 3_600_000].map(state)).toEqual([
      'ACTIVE',
      'ACTIVE',
      'STALE',
      'STALE',
      'LOST',
    ])
  })

  it('is the state that a list filters by', () => {
    const states = fc.constantFrom('ACTIVE', 'STALE', 'LOST')
    fc.assert(
      fc.property(states, fc.integer({ min: 0, max: 4_000_000 }), (state, age) => {
        const now = 10_000_000
        const { from, to } = arrivalsOf(state, { now, rules })
        const arrival = now - age
        const listed = (from === null || arrival >= from) && (to === null || arrival < to)
        expect(listed).toBe(stateOf(arrival, { now, rules }) === state)
      }),
    )
  })
})

describe('a name', () => {
  const heard = (...names: (string | null)[]) =>
    names.reduce(hearName, { name: null, nameConfirmed: false, nameCandidate: null })

  it('is confirmed by two equal messages', () => {
    expect(heard('A')).toMatchObject({ name: 'A', nameConfirmed: false })
    expect(heard('A', 'A')).toMatchObject({ name: 'A', nameConfirmed: true })
    expect(heard('A', null, 'A')).toMatchObject({ name: 'A', nameConfirmed: true })
    expect(heard('A', 'B')).toMatchObject({ name: 'B', nameConfirmed: false })
  })

  it('once confirmed gives way only to another that is', () => {
    expect(heard('A', 'A', 'B')).toMatchObject({ name: 'A', nameConfirmed: true })
    expect(heard('A', 'A', 'B', 'A', 'B')).toMatchObject({ name: 'A', nameConfirmed: true })
    expect(heard('A', 'A', 'B', 'B')).toMatchObject({ name: 'B', nameConfirmed: true })
  })
})

describe('what callers see', () => {
  const clock = { now: Date.UTC(2026, 10, 1), rules }
  const receivedAt = Date.UTC(2026, 10, 1)

  it('hides an IMO number whose check digit is wrong', () => {
    const target = { ...unknownTarget('224000001', 'vessel'), receivedAt }
    const shown = (imo: string | null) => describeTarget({ ...target, imo }, clock)
    expect(shown('9074729')).toMatchObject({ imo: '9074729', imoValid: true })
    expect(shown('9074720')).toMatchObject({ imo: null, imoValid: false })
    expect(shown(null)).toMatchObject({ imo: null, imoValid: null })
  })

  it('flags an MMSI whose form no station has', () => {
    const kindOf = (mmsi: string) =>
      describeTarget({ ...unknownTarget(mmsi, 'vessel'), receivedAt }, clock).mmsiKind
    expect(kindOf('224000001')).toBe('ship')
    expect(kindOf('111224001')).toBe('sar-aircraft')
    expect(kindOf('123456789')).toBe('unknown')
  })

  it('gives an ETA the year that makes it the next to come', () => {
    const eta = { month: 1, day: 2, hour: 3, minute: 4 }
    const target = { ...unknownTarget('224000001', 'vessel'), receivedAt, eta }
    expect(describeTarget(target, clock)).toMatchObject({
      declaredEta: eta,
      eta: '2027-01-02T03:04:00.000Z',
    })
    const none = { month: null, day: null, hour: null, minute: null }
    expect(describeTarget({ ...target, eta: none }, clock)).toMatchObject({
      declaredEta: null,
      eta: null,
    })
  })
})
