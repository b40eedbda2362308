import { describe, expect, it } from 'vitest'
import { Circuit, type CircuitState } from './circuit.ts'

/** A circuit that opens for a second after 3 failures, its clock, and the states it was in. */
const circuitOf = () => {
  const time = { now: 0 }
  const states: CircuitState[] = []
  const onChange = (state: CircuitState) => void states.push(state)
  const circuit = new Circuit({ failures: 3, pause: 1_000, onChange }, () => time.now)
  const fail = (times: number) => {
    for (let each = 0; each < times; each += 1) circuit.failed('ordinary')
  }
  return { circuit, time, states, fail }
}

describe('a circuit', () => {
  it('opens after failures in a row, and not before', () => {
    const { circuit, fail, states } = circuitOf()
    fail(2)
    circuit.answered()
    fail(2)
    expect(circuit.admit()).toBe('ordinary')
    fail(1)
    expect(circuit.admit()).toBeNull()
    expect(circuit.retryIn).toBe(1_000)
    expect(states).toEqual(['open'])
  })

  it('lets one request try, and closes when it is answered', () => {
    const { circuit, time, fail, states } = circuitOf()
    fail(3)
    time.now += 1_000
    expect([circuit.admit(), circuit.admit(), circuit.admit()]).toEqual(['probe', null, null])
    circuit.answered()
    expect(circuit.admit()).toBe('ordinary')
    expect(states).toEqual(['open', 'probing', 'closed'])
  })

  it('stays open for another pause when the try fails', () => {
    const { circuit, time, fail } = circuitOf()
    fail(3)
    time.now += 1_000
    circuit.admit()
    circuit.failed('probe')
    time.now += 999
    expect(circuit.admit()).toBeNull()
    time.now += 1
    expect(circuit.admit()).toBe('probe')
  })

  it('lets another try when the caller of the first has gone', () => {
    const { circuit, time, fail } = circuitOf()
    fail(3)
    time.now += 1_000
    circuit.admit()
    circuit.abandoned('probe')
    expect(circuit.admit()).toBe('probe')
  })

  it('is not kept open by requests from before', () => {
    const { circuit, time, fail } = circuitOf()
    fail(3)
    time.now += 500
    fail(5)
    time.now += 500
    expect(circuit.admit()).toBe('probe')
    fail(1)
    expect(circuit.admit()).toBeNull()
    circuit.answered()
    expect(circuit.admit()).toBe('ordinary')
  })
})
