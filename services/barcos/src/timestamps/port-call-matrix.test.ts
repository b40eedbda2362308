import { inLanguage } from '@porttrack/shared/http/language'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Classifier,
  classifiers,
  type EventType,
  eventTypes,
  matrixBreaches,
  orderBreaches,
  phases,
  type ServiceTimestamp,
  type ServiceType,
  serviceTypes,
} from './port-call-matrix.ts'

const now = Date.parse('2026-12-01T12:00:00Z')

const act = (service: ServiceType, event: EventType, time: string): ServiceTimestamp => ({
  portCallServiceTypeCode: service,
  portCallServiceEventTypeCode: event,
  classifierCode: 'ACT',
  serviceDateTime: `2026-12-01T${time}:00Z`,
})

const anyTimestamp = fc.record({
  portCallServiceTypeCode: fc.constantFrom(...serviceTypes),
  portCallServiceEventTypeCode: fc.constantFrom(...eventTypes),
  portCallPhaseTypeCode: fc.constantFrom(undefined, ...phases),
  classifierCode: fc.constantFrom(...classifiers),
  serviceDateTime: fc
    .integer({ min: -48, max: 48 })
    .map((hours) => new Date(now + hours * 3_600_000).toISOString()),
})

/** The table of the standard, service by service, written out as the standard has it. */
const standard = {
  negotiated:
    'BERTH CARGO_OPERATIONS PILOTAGE TOWAGE MOORING BUNKERING PILOT_BOARDING_PLACE ANCHORAGE SLUDGE',
  arrivals:
    'PILOT_BOARDING_PLACE ALL_FAST GANGWAY_DOWN_AND_SECURE VESSEL_READY_FOR_CARGO_OPERATIONS VESSEL_READY_TO_SAIL MOVES',
  withoutPhase: 'ANCHORAGE ANCHORAGE_OPERATIONS SLUDGE MOVES',
}
const isAmong = (services: string, service: string) => services.split(' ').includes(service)

const eventsOfStandard = (service: string): string[] => {
  if (service === 'BERTH') return ['ARRI', 'DEPA']
  if (service === 'SAFETY') return ['DEPA']
  return isAmong(standard.arrivals, service) ? ['ARRI'] : ['STRT', 'CMPL']
}

describe('the matrix of port call services', () => {
  it('names each breach, and nothing else', () => {
    fc.assert(
      fc.property(anyTimestamp, (given) => {
        const service = given.portCallServiceTypeCode
        const expected = new Set<string>()
        if (service === 'MOVES') expected.add('#/portCallServiceTypeCode')
        else if (given.classifierCode !== 'ACT' && !isAmong(standard.negotiated, service)) {
          expected.add('#/classifierCode')
        }
        if (!eventsOfStandard(service).includes(given.portCallServiceEventTypeCode)) {
          expected.add('#/portCallServiceEventTypeCode')
        }
        if (given.portCallPhaseTypeCode && isAmong(standard.withoutPhase, service)) {
          expected.add('#/portCallPhaseTypeCode')
        }
        if (given.classifierCode === 'ACT' && Date.parse(given.serviceDateTime) > now) {
          expected.add('#/serviceDateTime')
        }
        const pointers = matrixBreaches(given, now).map(({ pointer }) => pointer)
        expect(new Set(pointers)).toEqual(expected)
        expect(pointers).toHaveLength(expected.size)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes every service of the standard', () => {
    expect(serviceTypes).toHaveLength(21)
  })

  it('leaves a minute for a clock that is ahead', () => {
    const soon = act('BERTH', 'ARRI', '12:01')
    expect(matrixBreaches(soon, now)).toEqual([])
    expect(matrixBreaches(soon, now - 1)).toHaveLength(1)
  })
})

describe('the order within a berth stay', () => {
  const stay = [
    act('PILOT_BOARDING_PLACE', 'ARRI', '01:00'),
    act('BERTH', 'ARRI', '02:00'),
    act('ALL_FAST', 'ARRI', '02:20'),
    act('CARGO_OPERATIONS', 'STRT', '03:00'),
    act('CARGO_OPERATIONS', 'CMPL', '08:00'),
    act('VESSEL_READY_TO_SAIL', 'ARRI', '08:30'),
    act('BERTH', 'DEPA', '09:00'),
  ]
  const check = (given: ServiceTimestamp, recorded: ServiceTimestamp[] = stay) => {
    const berthing = recorded.filter((each) => each.portCallServiceTypeCode === 'BERTH')
    return orderBreaches(given, { recorded, berthing }).map(({ detail }) =>
      inLanguage(detail, 'en'),
    )
  }

  it('allows each step in its place, also at the same moment, in whatever order they are told', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(stay), (told) => {
        const recorded: ServiceTimestamp[] = []
        for (const each of told) {
          expect(check(each, recorded)).toEqual([])
          recorded.push(each)
        }
      }),
    )
    expect(check(act('ALL_FAST', 'ARRI', '02:00'))).toEqual([])
  })

  it('refuses what comes before or after its place, naming each contradiction', () => {
    expect(check(act('ALL_FAST', 'ARRI', '01:30'))).toEqual([
      'must not be before BERTH ARRI at 2026-12-01T02:00:00.000Z',
    ])
    expect(check(act('VESSEL_READY_TO_SAIL', 'ARRI', '10:00'))).toEqual([
      'must not be after BERTH DEPA at 2026-12-01T09:00:00.000Z',
    ])
    expect(check(act('CARGO_OPERATIONS', 'CMPL', '02:10'))).toHaveLength(2)
  })

  it('begins anew after a shift', () => {
    const shifted = act('BERTH', 'ARRI', '10:00')
    expect(check(shifted)).toEqual([])
    expect(check(act('ALL_FAST', 'ARRI', '10:20'), [...stay, shifted])).toEqual([])
    const early = check(act('ALL_FAST', 'ARRI', '09:30'), [...stay, shifted])
    expect(early).toEqual(['must not be before BERTH ARRI at 2026-12-01T10:00:00.000Z'])
  })

  it('binds actual timestamps of its steps only', () => {
    const estimate: Classifier = 'EST'
    expect(check({ ...act('BERTH', 'DEPA', '01:00'), classifierCode: estimate })).toEqual([])
    expect(check(act('BUNKERING', 'STRT', '00:10'))).toEqual([])
  })
})
