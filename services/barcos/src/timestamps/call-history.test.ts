import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextState, type PortCallState } from '../port-calls/port-call.ts'
import { type Source, sources } from '../reporter.ts'
import { contradictionsOf, historyOf, stepsNotTaken, takenAt } from './call-history.ts'
import { eventTypes, type EventType, type Phase, type ServiceType } from './port-call-matrix.ts'

let made = 0
const at = (time: string) => `2026-12-01T${time}:00.000Z`
const raw = (what: `${string} ${string}`, time: string, given: object = {}) => {
  made += 1
  const [service, event] = what.split(' ')
  return {
    id: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    portCallServiceTypeCode: service as ServiceType,
    portCallServiceEventTypeCode: event as EventType,
    portCallPhaseTypeCode: null as Phase | null,
    portCallServiceId: null,
    classifierCode: 'ACT' as const,
    serviceDateTime: at(time),
    serviceLocation: { locationName: null, facilityCode: null },
    source: 'PERSON' as Source,
    recordedAt: '2026-12-02T00:00:00.000Z',
    breaches: [] as string[],
    ...given,
  }
}
const stay = (from: number) => [
  raw('BERTH ARRI', `${from}:00`),
  raw('CARGO_OPERATIONS STRT', `${from}:20`),
  raw('CARGO_OPERATIONS CMPL', `${from}:40`),
  raw('BERTH DEPA', `${from}:50`),
]
const actionsOf = (...timestamps: ReturnType<typeof raw>[]) =>
  historyOf(timestamps).steps.map(({ action }) => action)

const anyRaw = fc.record({
  id: fc.uuid(),
  portCallServiceTypeCode: fc.constantFrom('BERTH', 'CARGO_OPERATIONS', 'SEA_PASSAGE', 'ANCHORAGE'),
  portCallServiceEventTypeCode: fc.constantFrom(...eventTypes),
  portCallPhaseTypeCode: fc.constantFrom(null, 'INBD', 'SHIF', 'OUTB'),
  portCallServiceId: fc.constant(null),
  classifierCode: fc.constantFrom('ACT', 'ACT', 'PLN'),
  serviceDateTime: fc
    .integer({ min: 0, max: 20 })
    .map((hour) => new Date(Date.UTC(2026, 11, 1, hour)).toISOString()),
  serviceLocation: fc.constant({ locationName: null, facilityCode: null }),
  source: fc.constantFrom(...sources),
  recordedAt: fc.constantFrom('2026-12-02T00:00:00.000Z', '2026-12-02T01:00:00.000Z'),
  breaches: fc.constantFrom([], [], ['ORDER_OF_STAY']),
})
const anyHistory = fc.uniqueArray(anyRaw, { selector: ({ id }) => id, maxLength: 25 })

describe('what a call went through', () => {
  it('is told by its actual timestamps', () => {
    const whole = [raw('SEA_PASSAGE CMPL', '08:00'), ...stay(10)]
    expect(actionsOf(...whole)).toEqual(['arrive', 'berth', 'start', 'complete', 'depart'])
    expect(historyOf(whole)).toMatchObject({
      state: 'DEPARTED',
      impossible: [],
      stays: [{ arrivedAt: at('10:00'), departedAt: at('10:50') }],
    })
  })

  it('has a shift for each berth after the first', () => {
    const shifted = [raw('SEA_PASSAGE CMPL', '08:00'), ...stay(10), ...stay(12), ...stay(14)]
    expect(actionsOf(...shifted)).toEqual([
      'arrive',
      'berth',
      'start',
      'complete',
      'shift',
      'start',
      'complete',
      'shift',
      'start',
      'complete',
      'depart',
    ])
    expect(historyOf(shifted).stays).toHaveLength(3)
  })

  it('is an arrival and a departure for a ship that only anchored', () => {
    const anchored = [
      raw('ANCHORAGE STRT', '09:00'),
      raw('ANCHORAGE CMPL', '18:00'),
      raw('SEA_PASSAGE STRT', '19:00'),
    ]
    expect(actionsOf(...anchored)).toEqual(['arrive', 'depart'])
    expect(historyOf(anchored)).toMatchObject({ state: 'DEPARTED', stays: [] })
  })

  it('begins with being seen at a berth when nobody told of the arrival', () => {
    expect(actionsOf(raw('BERTH ARRI', '10:00'))).toEqual(['arrive', 'berth'])
  })

  it('is not told by plans, nor by what breaks the matrix or is less believed', () => {
    expect(historyOf([raw('BERTH ARRI', '10:00', { classifierCode: 'PLN' })]).steps).toEqual([])
    expect(historyOf([raw('BERTH ARRI', '10:00', { breaches: ['X'] })]).steps).toEqual([])
    const [, berth] = historyOf([
      raw('BERTH ARRI', '10:00', { source: 'AIS' }),
      raw('BERTH ARRI', '09:55'),
    ]).steps
    expect(berth).toMatchObject({ action: 'berth', occurredAt: at('09:55'), source: 'PERSON' })
  })

  it('leaves out what no state allowed, and says so', () => {
    const { state, impossible } = historyOf([
      raw('SEA_PASSAGE CMPL', '08:00'),
      raw('CARGO_OPERATIONS CMPL', '09:00'),
    ])
    expect({ state, impossible }).toMatchObject({
      state: 'ARRIVED',
      impossible: [{ action: 'complete' }],
    })
  })

  it('is the same in whatever order the timestamps are given', () => {
    fc.assert(
      fc.property(anyHistory, fc.gen(), (given, gen) => {
        const keys = new Map(given.map(({ id }) => [id, gen(fc.nat)]))
        const shuffled = given.toSorted((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0))
        expect(historyOf(shuffled)).toEqual(historyOf(given))
      }),
      { numRuns: 500 },
    )
  })

  it('does not depend on when they were recorded, where none corrects another', () => {
    const distinct = [raw('SEA_PASSAGE CMPL', '08:00'), ...stay(10), ...stay(12)]
    const expected = historyOf(distinct)
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 9, maxLength: 9 }), (times) => {
        const late = distinct.map((each, index) => ({
          ...each,
          recordedAt: new Date(Date.UTC(2026, 11, 2) + (times[index] ?? 0)).toISOString(),
        }))
        expect(historyOf(late)).toEqual(expected)
      }),
    )
  })

  it('is a way through the lifecycle, in the order of time', () => {
    fc.assert(
      fc.property(anyHistory, (given) => {
        const { steps, state } = historyOf(given)
        const reached = steps.reduce<PortCallState | null>(
          (from, { action }) => from && nextState(from, action),
          'APPROVED',
        )
        expect(reached).toBe(state)
        const times = steps.map(({ occurredAt }) => occurredAt)
        expect(times).toEqual(times.toSorted())
      }),
      { numRuns: 500 },
    )
  })
})

describe('the contradictions of a record and its history', () => {
  const history = historyOf([raw('SEA_PASSAGE CMPL', '08:00'), raw('BERTH ARRI', '10:00')])
  const decision = (action: string, time: string | null = null) => ({
    action,
    occurredAt: time === null ? null : at(time),
  })

  it('are none where they agree', () => {
    const decisions = [decision('approve'), decision('arrive', '08:00'), decision('berth')]
    expect(contradictionsOf(history, { state: 'ALONGSIDE', decisions })).toEqual([])
    expect(stepsNotTaken(history, decisions)).toEqual([])
  })

  it('name what was not taken, what nothing tells of and what was at another time', () => {
    const decisions = [decision('arrive', '08:30'), decision('start')]
    expect(contradictionsOf(history, { state: 'ARRIVED', decisions })).toEqual([
      {
        code: 'STEP_AT_OTHER_TIME',
        action: 'arrive',
        told: at('08:00'),
        recorded: at('08:30'),
      },
      { code: 'STEP_NOT_TAKEN', action: 'berth', told: at('10:00'), recorded: null },
      { code: 'STEP_WITHOUT_TIMESTAMP', action: 'start', told: null, recorded: null },
      { code: 'STATE_DIFFERS', action: null, told: 'ALONGSIDE', recorded: 'ARRIVED' },
    ])
    expect(stepsNotTaken(history, decisions).map(({ action }) => action)).toEqual(['berth'])
  })

  it('vanish once the steps that were not taken are taken', () => {
    fc.assert(
      fc.property(anyHistory, (given) => {
        const told = historyOf(given)
        const decisions = stepsNotTaken(told, []).map((step) => ({
          action: step.action,
          occurredAt: takenAt(step),
        }))
        expect(decisions).toHaveLength(told.steps.length)
        expect(stepsNotTaken(told, decisions)).toEqual([])
        const left = contradictionsOf(told, { state: told.state, decisions })
        expect(left.every(({ code }) => code === 'STEP_IMPOSSIBLE')).toBe(true)
      }),
    )
  })
})
