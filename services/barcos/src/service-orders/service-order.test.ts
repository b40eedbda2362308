import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phases } from '../timestamps/port-call-matrix.ts'
import {
  hindersDeparture,
  outstandingStates,
  serviceOrderActions,
  serviceOrderLifecycle,
  type ServiceOrderState,
  unmetConditions,
} from './service-order.ts'

describe('the lifecycle of a service order', () => {
  it('ends when it is denied, completed or cancelled, and never before', () => {
    expect(outstandingStates).toEqual(['REQUESTED', 'CONFIRMED', 'STARTED'])
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...serviceOrderActions)), (actions) => {
        let state: ServiceOrderState = 'REQUESTED'
        for (const action of actions) {
          const next = serviceOrderLifecycle.nextState(state, action)
          if (!outstandingStates.includes(state)) expect(next).toBeNull()
          // Nothing is provided that was not planned, and nothing completed that was not started.
          if (next === 'STARTED') expect(state).toBe('CONFIRMED')
          if (next === 'COMPLETED') expect(state).toBe('STARTED')
          state = next ?? state
        }
      }),
    )
  })

  it('asks for a call that expects its ship', () => {
    const codes = (...given: Parameters<typeof unmetConditions>) =>
      unmetConditions(...given).map(({ code }) => code)
    expect(codes('request', { callState: 'ANNOUNCED' })).toEqual([])
    expect(codes('request', { callState: 'DEPARTED' })).toEqual(['CALL_EXPECTS_SHIP'])
    expect(codes('start', { callState: 'ANNOUNCED' })).toEqual(['CALL_APPROVED'])
    expect(codes('start', { callState: 'REJECTED' })).toEqual([
      'CALL_APPROVED',
      'CALL_EXPECTS_SHIP',
    ])
    expect(codes('complete', { callState: 'DEPARTED' })).toEqual([])
    expect(codes('cancel', { callState: 'DEPARTED' })).toEqual([])
  })
})

describe('a departure', () => {
  it('is hindered by a service under way, unless that goes out with the ship', () => {
    for (const state of serviceOrderLifecycle.stateNames) {
      for (const phase of [null, ...phases]) {
        const hinders = hindersDeparture({ state, portCallPhaseTypeCode: phase })
        expect(hinders).toBe(state === 'STARTED' && phase !== 'OUTB')
      }
    }
  })
})
