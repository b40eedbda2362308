import type { Text } from '@porttrack/shared/http/language'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventCode, StandingEvent } from '../container-visit-events/container-visit-event.ts'
import { type ContainerVisitState, type Flow, flows } from './container-visit.ts'
import type { Position } from './container-visit.schema.ts'
import { progressOf, startOf } from './progress.ts'

const slot: Position = { yard: { block: 'A', bay: '01', row: '02', tier: '3' } }

/** Actual events an hour apart, recorded in the order given. */
const happened = (...codes: EventCode[]): StandingEvent[] =>
  codes.map((eventCode, index) => ({
    id: `${eventCode}-${index}`,
    seriesId: `${eventCode}-${index}`,
    sequence: index + 1,
    eventCode,
    eventClassifierCode: 'ACT',
    eventDateTime: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
    position: eventCode === 'YARD' ? slot : null,
  }))
const statesAlong = (flow: Flow, ...codes: EventCode[]): ContainerVisitState[] =>
  codes.map((_, index) => progressOf(flow, happened(...codes.slice(0, index + 1))).state)

const read = (obstacles: readonly Text[] | undefined) => obstacles?.map(({ en }) => en)

describe('the state of a container visit', () => {
  it('begins before anything has happened', () => {
    expect(flows.map(startOf)).toEqual(['ADVISED', 'ON_BOARD', 'ON_BOARD'])
    expect(flows.map((flow) => progressOf(flow, []).state)).toEqual(flows.map(startOf))
  })

  it('follows the events of its flow', () => {
    expect(statesAlong('EXPORT', 'GTIN', 'YARD', 'YARD', 'LOAD', 'DEPA')).toEqual([
      'GATED_IN',
      'IN_YARD',
      'IN_YARD',
      'LOADED',
      'DEPARTED',
    ])
    expect(statesAlong('IMPORT', 'ARRI', 'DISC', 'YARD', 'RELS', 'CUSR', 'YARD', 'GTOT')).toEqual([
      'ON_BOARD',
      'DISCHARGED',
      'IN_YARD',
      'IN_YARD',
      'RELEASED',
      'RELEASED',
      'GATED_OUT',
    ])
    expect(statesAlong('TRANSSHIPMENT', 'DISC', 'YARD', 'LOAD')).toEqual([
      'DISCHARGED',
      'IN_YARD',
      'LOADED',
    ])
  })

  it('takes releases from before the ship was in', () => {
    expect(statesAlong('IMPORT', 'CUSR', 'RELS', 'DISC', 'YARD')).toEqual([
      'ON_BOARD',
      'ON_BOARD',
      'DISCHARGED',
      'RELEASED',
    ])
  })

  it('is not moved by plans, by inspections or by what is no step of the flow', () => {
    const planned = happened('GTIN').map((event) => ({
      ...event,
      eventClassifierCode: 'PLN' as const,
    }))
    expect(progressOf('EXPORT', planned).state).toBe('ADVISED')
    expect(statesAlong('EXPORT', 'GTIN', 'INSP', 'CUSS')).toEqual(Array(3).fill('GATED_IN'))
    const { state, idle } = progressOf('EXPORT', happened('DISC'))
    expect([state, read(idle.get('DISC-0'))]).toEqual(['ADVISED', ['DISC is no step of EXPORT']])
  })

  it('waits for everything that is missing, and names it', () => {
    const gate = progressOf('IMPORT', happened('DISC', 'CUSR', 'GTOT'))
    expect(gate.state).toBe('DISCHARGED')
    expect(read(gate.idle.get('GTOT-2'))).toEqual([
      'YARD is missing before GTOT',
      'RELS is missing before GTOT',
    ])
    const load = progressOf('EXPORT', happened('LOAD'))
    expect(read(load.idle.get('LOAD-0'))).toEqual([
      'GTIN is missing before LOAD',
      'YARD is missing before LOAD',
    ])
  })

  it('takes a step once, and no slot in the yard after the container has left it', () => {
    const { state, position, idle } = progressOf(
      'EXPORT',
      happened('GTIN', 'GTIN', 'YARD', 'LOAD', 'YARD'),
    )
    expect(state).toBe('LOADED')
    expect(position).toBeNull()
    expect([...idle].map(([id, obstacles]) => [id, read(obstacles)])).toEqual([
      ['GTIN-1', ['GTIN has happened already']],
      ['YARD-4', ['the container has left the yard by LOAD']],
    ])
  })
})

describe('the position of a container', () => {
  it('is that of the last move, unknown when the move does not say', () => {
    const events = happened('GTIN', 'YARD', 'INSP', 'LOAD')
    expect(progressOf('EXPORT', events.slice(0, 3)).position).toEqual(slot)
    expect(progressOf('EXPORT', events).position).toBeNull()
    const vessel = { vessel: { bay: '23', row: '04', tier: '82' } }
    const stowed = events.map((event) => ({
      ...event,
      position: event.eventCode === 'LOAD' ? vessel : event.position,
    }))
    expect(progressOf('EXPORT', stowed).position).toEqual(vessel)
  })
})

/** A way through a flow as it may really go: moves in order, papers and checks at any point. */
const way: fc.Arbitrary<{ flow: Flow; codes: EventCode[] }> = fc
  .constantFrom(...flows)
  .chain((flow) => {
    const moves: Record<Flow, EventCode[][]> = {
      EXPORT: [['GTIN'], ['YARD'], ['YARD'], ['LOAD'], ['DEPA']],
      IMPORT: [['ARRI'], ['DISC'], ['YARD'], ['CUSR', 'RELS'], ['YARD'], ['GTOT']],
      TRANSSHIPMENT: [['DISC'], ['YARD'], ['YARD'], ['LOAD']],
    }
    const length = moves[flow].length
    return fc
      .record({
        made: fc.integer({ min: 0, max: length }),
        extras: fc.array(
          fc.tuple(fc.nat(length), fc.constantFrom<EventCode>('INSP', 'CUSS', 'RSEA', 'CUSR')),
          { maxLength: 4 },
        ),
      })
      .map(({ made, extras }) => {
        const codes = moves[flow].slice(0, made).flat()
        for (const [at, code] of extras) codes.splice(Math.min(at, codes.length), 0, code)
        return { flow, codes }
      })
  })

describe('whatever the order in which events are recorded', () => {
  it('the same events end in the same state, with none left over', () => {
    fc.assert(
      fc.property(
        way.chain(({ flow, codes }) =>
          fc.record({
            flow: fc.constant(flow),
            codes: fc.constant(codes),
            // Hours between events; 0 puts two at the same moment.
            gaps: fc.array(fc.integer({ min: 0, max: 2 }), {
              minLength: codes.length,
              maxLength: codes.length,
            }),
            recording: fc.shuffledSubarray(
              codes.map((_, index) => index),
              { minLength: codes.length },
            ),
          }),
        ),
        ({ flow, codes, gaps, recording }) => {
          let hour = 0
          const events = happened(...codes).map((event, index) => {
            hour += gaps[index] ?? 0
            return { ...event, eventDateTime: new Date(Date.UTC(2026, 0, 1, hour)).toISOString() }
          })
          const expected = progressOf(flow, events)
          const recorded = recording.map((index, n) => ({
            ...(events[index] as StandingEvent),
            sequence: n + 1,
          }))
          const actual = progressOf(flow, recorded)
          expect(actual.state).toBe(expected.state)
          expect([...actual.idle, ...expected.idle]).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })
})
