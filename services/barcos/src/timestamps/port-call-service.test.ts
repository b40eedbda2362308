import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Source } from '../reporter.ts'
import type { Classifier, EventType, Phase, ServiceType } from './port-call-matrix.ts'
import { negotiationOf, replyBreaches, serviceToldOf } from './port-call-service.ts'

const at = (time: string) => `2026-12-01T${time}:00.000Z`
const said = (classifierCode: Classifier, time: string, recordedAt = time) => ({
  id: `${classifierCode} ${recordedAt}`,
  portCallServiceTypeCode: 'PILOTAGE' as ServiceType,
  portCallServiceEventTypeCode: 'STRT' as EventType,
  portCallPhaseTypeCode: 'INBD' as Phase | null,
  classifierCode,
  serviceDateTime: at(time),
  recordedAt: at(recordedAt),
  source: 'PERSON' as Source,
})
const open = { cancelled: false, declined: false }

describe('a negotiation', () => {
  it.each([
    [[], 'OPEN', null],
    [[said('EST', '10:00', '01:00')], 'ESTIMATED', 'CONSUMER'],
    [[said('EST', '10:00', '01:00'), said('REQ', '11:00', '02:00')], 'REQUESTED', 'PROVIDER'],
    [[said('REQ', '11:00', '02:00'), said('PLN', '11:00', '03:00')], 'PLANNED', null],
    [[said('PLN', '11:00', '03:00'), said('EST', '12:00', '04:00')], 'ESTIMATED', 'CONSUMER'],
    [[said('PLN', '11:00', '03:00'), said('ACT', '11:05', '01:00')], 'DONE', null],
  ] as const)('of %j is %s', (timestamps, state, awaits) => {
    expect(negotiationOf(timestamps, open)).toMatchObject({ state, awaits })
  })

  it('is not changed by what AIS estimates, which counts until someone speaks', () => {
    const seen = { ...said('EST', '12:00', '04:00'), source: 'AIS' as const }
    expect(negotiationOf([seen], open)).toMatchObject({
      state: 'ESTIMATED',
      serviceDateTime: at('12:00'),
    })
    expect(negotiationOf([said('PLN', '11:00', '03:00'), seen], open)).toMatchObject({
      state: 'PLANNED',
      serviceDateTime: at('11:00'),
    })
    const done = { ...said('ACT', '12:10', '12:11'), source: 'AIS' as const }
    expect(negotiationOf([said('PLN', '11:00', '03:00'), done], open).state).toBe('DONE')
  })

  it('ends when it is cancelled or declined, unless it has happened', () => {
    const planned = [said('PLN', '11:00')]
    expect(negotiationOf(planned, { ...open, cancelled: true })).toMatchObject({
      state: 'CANCELLED',
      awaits: null,
    })
    expect(negotiationOf(planned, { ...open, declined: true }).state).toBe('DECLINED')
    const done = [...planned, said('ACT', '11:00', '12:00')]
    expect(negotiationOf(done, { ...open, cancelled: true }).state).toBe('DONE')
  })

  it('is the same in whatever order its timestamps are given', () => {
    const each = fc.record({
      classifier: fc.constantFrom('EST' as const, 'REQ' as const, 'PLN' as const, 'ACT' as const),
      minute: fc.integer({ min: 10, max: 59 }),
    })
    const distinct = fc.uniqueArray(each, { selector: ({ classifier }) => classifier })
    fc.assert(
      fc.property(distinct, (given) => {
        const all = given.map(({ classifier, minute }) => said(classifier, '10:00', `01:${minute}`))
        expect(negotiationOf(all.toReversed(), open)).toEqual(negotiationOf(all, open))
      }),
    )
  })
})

describe('a reply', () => {
  const request = { ...said('REQ', '11:00'), portCallId: 'call' }
  const codes = (...given: Parameters<typeof replyBreaches>) =>
    replyBreaches(...given).map(({ code }) => code)

  it('names a timestamp of the same service of the same call', () => {
    expect(codes(said('PLN', '11:00'), request, 'call')).toEqual([])
    const { portCallPhaseTypeCode: _, ...unphased } = said('PLN', '11:00')
    expect(codes(unphased, request, 'call')).toEqual([])
    for (const [given, answered, call] of [
      [said('PLN', '11:00'), null, 'call'],
      [said('PLN', '11:00'), request, 'another call'],
      [said('PLN', '11:00'), { ...request, portCallServiceTypeCode: 'TOWAGE' as const }, 'call'],
      [said('PLN', '11:00'), { ...request, portCallServiceEventTypeCode: 'CMPL' as const }, 'call'],
      [said('PLN', '11:00'), { ...request, portCallPhaseTypeCode: 'OUTB' as const }, 'call'],
    ] as const) {
      expect(codes(given, answered, call)).toEqual(['REPLY_TO_SAME_SERVICE'])
    }
  })

  it('that plans what was requested has its time; an estimate may have another', () => {
    expect(codes(said('PLN', '11:30'), request, 'call')).toEqual(['REPLY_TO_REQUEST_AGREES'])
    expect(codes(said('EST', '11:30'), request, 'call')).toEqual([])
    const plan = { ...request, classifierCode: 'EST' as const }
    expect(codes(said('PLN', '11:30'), plan, 'call')).toEqual([])
  })
})

describe('the service that a timestamp tells of', () => {
  const service = (id: string, given: object = {}) => ({
    id,
    occurrence: 1,
    ended: false,
    portCallServiceTypeCode: 'BERTH' as ServiceType,
    portCallServiceEventTypeCode: 'ARRI' as EventType,
    portCallPhaseTypeCode: 'INBD' as Phase | null,
    ...given,
  })
  const berth = (event: EventType, time: string, given: object = {}) => ({
    portCallServiceTypeCode: 'BERTH' as ServiceType,
    portCallServiceEventTypeCode: event,
    portCallPhaseTypeCode: 'INBD' as Phase | null,
    classifierCode: 'ACT' as Classifier,
    serviceDateTime: at(time),
    serviceId: null as string | null,
    ...given,
  })
  const toldOf = (...given: Parameters<typeof serviceToldOf>) => serviceToldOf(...given)?.id ?? null

  it('is the latest of its type, event type and phase, whichever phase when none is named', () => {
    const services = [service('a'), service('b', { occurrence: 2 })]
    expect(toldOf(berth('ARRI', '10:00'), { services, actual: [] })).toBe('b')
    const other = berth('ARRI', '10:00', { portCallPhaseTypeCode: 'SHIF' })
    expect(toldOf(other, { services, actual: [] })).toBeNull()
    const unphased = berth('ARRI', '10:00', { portCallPhaseTypeCode: null })
    expect(toldOf(unphased, { services, actual: [] })).toBe('b')
    expect(toldOf(berth('DEPA', '10:00'), { services, actual: [] })).toBeNull()
  })

  it('is none that was cancelled or declined', () => {
    const services = [service('a', { ended: true })]
    expect(toldOf(berth('ARRI', '10:00'), { services, actual: [] })).toBeNull()
  })

  it('is corrected by another actual time, and a new one once the opposite lies between', () => {
    const services = [service('a')]
    const arrived = berth('ARRI', '10:00', { serviceId: 'a' })
    const corrected = berth('ARRI', '12:00')
    expect(toldOf(corrected, { services, actual: [arrived] })).toBe('a')
    const actual = [arrived, berth('DEPA', '11:00')]
    expect(toldOf(corrected, { services, actual })).toBeNull()
  })

  it('is a new one for what is planned after it has happened', () => {
    const services = [service('a')]
    const actual = [berth('ARRI', '10:00', { serviceId: 'a' })]
    const planned = (time: string) => berth('ARRI', time, { classifierCode: 'PLN' })
    expect(toldOf(planned('12:00'), { services, actual })).toBeNull()
    expect(toldOf(planned('09:00'), { services, actual })).toBe('a')
  })
})
