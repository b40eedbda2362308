import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Source, sources } from '../reporter.ts'
import { classifiers, matrixBreaches, type Phase } from './port-call-matrix.ts'
import { effectiveOf, proposedBy } from './timestamp.ts'

const timestamp = fc.record({
  id: fc.uuid(),
  portCallServiceTypeCode: fc.constantFrom('BERTH', 'ANCHORAGE'),
  portCallServiceEventTypeCode: fc.constantFrom('ARRI', 'DEPA'),
  classifierCode: fc.constantFrom(...classifiers),
  serviceDateTime: fc.constant('2026-12-01T10:00:00.000Z'),
  source: fc.constantFrom(...sources),
  recordedAt: fc.constantFrom('2026-12-01T10:00:00.000Z', '2026-12-01T11:00:00.000Z'),
})
const timestamps = fc.uniqueArray(timestamp, { selector: ({ id }) => id, maxLength: 30 })
const keyOf = (
  each: { [K in 'portCallServiceTypeCode' | 'classifierCode']: string } & {
    portCallServiceEventTypeCode: string
  },
) => `${each.portCallServiceTypeCode} ${each.portCallServiceEventTypeCode} ${each.classifierCode}`

describe('the effective timestamps of a call', () => {
  it('are one for each service, event type and classifier', () => {
    fc.assert(
      fc.property(timestamps, (given) => {
        const keys = effectiveOf(given).map(keyOf)
        expect(new Set(keys)).toEqual(new Set(given.map(keyOf)))
        expect(keys).toHaveLength(new Set(keys).size)
      }),
    )
  })

  it('are one for each phase, where a person or a system names one', () => {
    const piloted = (id: string, given: object) => ({
      id,
      portCallServiceTypeCode: 'PILOTAGE' as const,
      portCallServiceEventTypeCode: 'STRT' as const,
      classifierCode: 'ACT' as const,
      serviceDateTime: '2026-12-01T10:00:00.000Z',
      source: 'PERSON' as Source,
      recordedAt: `2026-12-01T1${id}:00:00.000Z`,
      portCallPhaseTypeCode: null as Phase | null,
      ...given,
    })
    const inbound = piloted('1', { portCallPhaseTypeCode: 'INBD' })
    const outbound = piloted('2', { portCallPhaseTypeCode: 'OUTB' })
    const corrected = piloted('3', { portCallPhaseTypeCode: 'OUTB' })
    const unphased = piloted('4', {})
    const fromAis = piloted('5', { source: 'AIS', portCallPhaseTypeCode: 'SHIF' })
    const ids = (...given: (typeof inbound)[]) => effectiveOf(given).map(({ id }) => id)
    expect(ids(inbound, outbound)).toEqual(['1', '2'])
    expect(ids(inbound, outbound, corrected, fromAis)).toEqual(['1', '3'])
    expect(ids(inbound, outbound, unphased)).toEqual(['4'])
    expect(ids(unphased, piloted('6', { portCallPhaseTypeCode: 'INBD' }))).toEqual(['6'])
    expect(ids(fromAis)).toEqual(['5'])
  })

  it('are of the most believed source, and the last recorded of it', () => {
    fc.assert(
      fc.property(timestamps, (given) => {
        for (const chosen of effectiveOf(given)) {
          const rivals = given.filter((each) => keyOf(each) === keyOf(chosen))
          const rank = sources.indexOf(chosen.source)
          expect(Math.max(...rivals.map(({ source }) => sources.indexOf(source)))).toBe(rank)
          const peers = rivals.filter(({ source }) => source === chosen.source)
          expect(peers.every(({ recordedAt }) => recordedAt <= chosen.recordedAt)).toBe(true)
        }
      }),
    )
  })

  it('do not depend on the order in which timestamps are given', () => {
    fc.assert(
      fc.property(timestamps, (given) => {
        const ids = (all: typeof given) => new Set(effectiveOf(all).map(({ id }) => id))
        expect(ids(given.toReversed())).toEqual(ids(given))
      }),
    )
  })

  it('of a person are not moved by anything that AIS says', () => {
    fc.assert(
      fc.property(timestamps, timestamps, (given, more) => {
        const persons = given.map((each) => ({ ...each, source: 'PERSON' as const }))
        const fromAis = more.map((each) => ({ ...each, source: 'AIS' as const }))
        const kept = effectiveOf([...persons, ...fromAis])
        expect(kept).toEqual(expect.arrayContaining(effectiveOf(persons)))
      }),
    )
  })
})

describe('what happens twice in one stay', () => {
  const told = (event: 'STRT' | 'CMPL', hour: string, given: object = {}) => ({
    id: `${event} ${hour}`,
    portCallServiceTypeCode: 'ANCHORAGE' as const,
    portCallServiceEventTypeCode: event,
    classifierCode: 'ACT' as const,
    serviceDateTime: `2026-12-01T${hour}:00.000Z`,
    source: 'PERSON' as Source,
    recordedAt: '2026-12-02T00:00:00.000Z',
    ...given,
  })
  const ids = (...given: ReturnType<typeof told>[]) =>
    effectiveOf(given)
      .map(({ id }) => id)
      .toSorted()
  const twice = [told('STRT', '08:00'), told('CMPL', '10:00'), told('STRT', '11:00')]

  it('counts each time', () => {
    const all = [...twice, told('CMPL', '15:00')]
    expect(ids(...all)).toEqual(all.map(({ id }) => id).toSorted())
  })

  it('counts each time also where one begins as the other ends', () => {
    const all = [...twice.slice(0, 2), told('STRT', '10:00'), told('CMPL', '15:00')]
    expect(ids(...all)).toEqual(all.map(({ id }) => id).toSorted())
  })

  it('is corrected each by itself', () => {
    const corrected = told('STRT', '07:50', { recordedAt: '2026-12-03T00:00:00.000Z' })
    expect(ids(...twice, corrected)).toEqual(['CMPL 10:00', 'STRT 07:50', 'STRT 11:00'])
  })

  it('is not what AIS makes of a ship that it lost from sight', () => {
    const ais = { source: 'AIS' as const }
    const gap = [told('CMPL', '12:00', ais), told('STRT', '12:20', ais)]
    const anchored = [told('STRT', '10:00'), told('CMPL', '20:00')]
    expect(ids(...gap, ...anchored)).toEqual(['CMPL 20:00', 'STRT 10:00'])
    const berthed = [...gap, ...anchored].map((each) => ({
      ...each,
      portCallServiceTypeCode: 'BERTH' as const,
      portCallServiceEventTypeCode:
        each.portCallServiceEventTypeCode === 'STRT' ? ('ARRI' as const) : ('DEPA' as const),
    }))
    expect(effectiveOf(berthed).map(({ source }) => source)).toEqual(['PERSON', 'PERSON'])
  })
})

describe('what AIS proposes', () => {
  it('follows from the kind of the zone', () => {
    const codes = (kind: string, happening: 'entered' | 'left' | 'stopped') => {
      const proposal = proposedBy(kind, { happening, hasStopped: true })
      if (!proposal) return null
      const given = {
        ...proposal,
        classifierCode: 'ACT' as const,
        serviceDateTime: '2026-12-01T10:00:00Z',
      }
      expect(matrixBreaches(given, Date.parse('2026-12-02'))).toEqual([])
      return `${proposal.portCallServiceTypeCode} ${proposal.portCallServiceEventTypeCode}`
    }
    expect(codes('port-area', 'entered')).toBe('SEA_PASSAGE CMPL')
    expect(codes('port-area', 'left')).toBe('SEA_PASSAGE STRT')
    expect(codes('anchorage', 'entered')).toBe('ANCHORAGE STRT')
    expect(codes('anchorage', 'left')).toBe('ANCHORAGE CMPL')
    expect(codes('pilot-boarding', 'entered')).toBe('PILOT_BOARDING_PLACE ARRI')
    expect(codes('berth', 'stopped')).toBe('BERTH ARRI')
    expect(codes('berth', 'left')).toBe('BERTH DEPA')
  })

  it('is nothing by any other', () => {
    for (const [kind, happening] of [
      ['berth', 'entered'],
      ['port-area', 'stopped'],
      ['anchorage', 'stopped'],
      ['pilot-boarding', 'left'],
      ['custom', 'entered'],
      ['constructor', 'entered'],
    ] as const) {
      expect(proposedBy(kind, { happening, hasStopped: true })).toBeNull()
    }
  })

  it('is no departure of a ship that never berthed', () => {
    const left = { happening: 'left', hasStopped: false } as const
    expect(proposedBy('berth', left)).toBeNull()
    expect(proposedBy('anchorage', left)).not.toBeNull()
  })
})
