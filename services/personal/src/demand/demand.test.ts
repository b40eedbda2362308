import { describe, expect, it } from 'vitest'
import { demandStates, outcomeOf, type ServingShift } from './demand.ts'

const shift = (change: Partial<ServingShift> = {}): ServingShift => ({
  state: 'DRAFT',
  crewed: false,
  atItsTime: true,
  ...change,
})

describe('the shift of an order', () => {
  it('is made when the order is confirmed, and once', () => {
    expect(demandStates.filter((state) => outcomeOf(state, null) === 'make')).toEqual(['CONFIRMED'])
    expect(outcomeOf('CONFIRMED', shift())).toBe('keep')
  })

  it('moves with the order while nobody is assigned, and is flagged after', () => {
    const moved = { atItsTime: false }
    expect(outcomeOf('CONFIRMED', shift(moved))).toBe('move')
    expect(outcomeOf('CONFIRMED', shift({ ...moved, crewed: true }))).toBe('flag')
    expect(outcomeOf('CONFIRMED', shift({ ...moved, state: 'PUBLISHED' }))).toBe('flag')
    expect(outcomeOf('STARTED', shift(moved))).toBe('keep')
  })

  it('is given up with the order, unless it has begun', () => {
    for (const state of ['DENIED', 'CANCELLED'] as const) {
      expect(outcomeOf(state, shift({ crewed: true }))).toBe('give-up')
      expect(outcomeOf(state, shift({ state: 'PUBLISHED' }))).toBe('give-up')
      expect(outcomeOf(state, shift({ state: 'RUNNING' }))).toBe('keep')
      expect(outcomeOf(state, null)).toBe('keep')
    }
  })
})
