import { describe, expect, it } from 'vitest'
import { demandStates, gangsFor, outcomeOf, type ServingShift, stateOfMoves } from './demand.ts'

const shift = (change: Partial<ServingShift> = {}): ServingShift => ({
  state: 'DRAFT',
  crewed: false,
  asAsked: true,
  ...change,
})

describe('the shift of an order', () => {
  it('is made when the order is confirmed, and once', () => {
    expect(demandStates.filter((state) => outcomeOf(state, null) === 'make')).toEqual(['CONFIRMED'])
    expect(outcomeOf('CONFIRMED', shift())).toBe('keep')
  })

  it('moves with the order while nobody is assigned, and is flagged after', () => {
    const moved = { asAsked: false }
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

describe('the moves of a port call', () => {
  it('need a gang for each part of them, one at least and twenty at most', () => {
    expect([0, 1, 150, 151, 900, 90_000].map((moves) => gangsFor(moves, 150))).toEqual([
      1, 1, 1, 2, 6, 20,
    ])
  })

  it('need nobody where there are none, the ship does not come, or they are done', () => {
    expect(stateOfMoves(0, 'APPROVED')).toBe('CANCELLED')
    expect(stateOfMoves(10, 'OMITTED')).toBe('CANCELLED')
    expect(stateOfMoves(10, 'DEPARTED')).toBe('COMPLETED')
    expect(stateOfMoves(10, 'WORKING')).toBe('CONFIRMED')
    expect(stateOfMoves(10, null)).toBe('CONFIRMED')
  })
})
