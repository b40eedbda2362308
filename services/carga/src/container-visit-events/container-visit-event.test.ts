import { describe, expect, it } from 'vitest'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import {
  eventFaults,
  obstaclesTo,
  type RecordedEvent,
  standing,
  statusesOf,
} from './container-visit-event.ts'
import type { NewContainerVisitEvent } from './container-visit-event.schema.ts'

const now = Date.UTC(2026, 0, 2)
const yard = { yard: { block: 'A', bay: '01', row: '02', tier: '3' } }
const vessel = { vessel: { bay: '23', row: '04', tier: '82' } }
const given = (
  eventCode: RecordedEvent['eventCode'],
  change: Partial<NewContainerVisitEvent> = {},
): NewContainerVisitEvent => ({
  eventCode,
  eventClassifierCode: 'ACT',
  eventDateTime: '2026-01-01T00:00:00Z',
  ...change,
})
const recorded = (
  sequence: number,
  eventCode: RecordedEvent['eventCode'],
  change: Partial<RecordedEvent> = {},
): RecordedEvent => ({
  id: String(sequence),
  seriesId: String(sequence),
  sequence,
  eventCode,
  eventClassifierCode: 'ACT',
  eventDateTime: `2026-01-01T0${sequence}:00:00.000Z`,
  position: null,
  retracted: false,
  ...change,
})
const exported: Pick<ContainerVisit, 'flow'> = { flow: 'EXPORT' }

describe('an event', () => {
  const pointersOf = (event: NewContainerVisitEvent, updated: RecordedEvent | null = null) =>
    eventFaults(event, updated, now).map(({ pointer }) => pointer)

  it('is actual only once it has happened, give or take five minutes', () => {
    const at = (ms: number) => ({ eventDateTime: new Date(now + ms).toISOString() })
    expect(pointersOf(given('GTIN', at(300_000)))).toEqual([])
    expect(pointersOf(given('GTIN', at(300_001)))).toEqual(['#/eventDateTime'])
    const planned = { ...at(9e8), eventClassifierCode: 'PLN' as const }
    expect(pointersOf(given('GTIN', planned))).toEqual([])
  })

  it('has a position where its move ends, and in the yard it must', () => {
    expect(pointersOf(given('YARD', { position: yard }))).toEqual([])
    expect(pointersOf(given('LOAD', { position: vessel }))).toEqual([])
    expect(pointersOf(given('LOAD'))).toEqual([])
    for (const wrong of [
      given('YARD'),
      given('YARD', { position: vessel }),
      given('LOAD', { position: yard }),
      given('GTIN', { position: yard }),
    ]) {
      expect(pointersOf(wrong)).toEqual(['#/position'])
    }
  })

  it('updates an event of its own kind', () => {
    expect(pointersOf(given('GTIN'), recorded(1, 'GTIN'))).toEqual([])
    expect(pointersOf(given('GTOT'), recorded(1, 'GTIN'))).toEqual(['#/eventCode'])
  })
})

describe('the events that stand', () => {
  it('are the newest of each series, and none of a retracted one', () => {
    const events = [
      recorded(1, 'GTIN'),
      recorded(2, 'YARD', { retracted: true }),
      recorded(3, 'GTIN', { seriesId: '1' }),
      recorded(4, 'YARD', { seriesId: '2', retracted: true }),
      recorded(5, 'GTIN', { seriesId: '1' }),
    ]
    expect([...statusesOf(events).values()]).toEqual([
      'UPDATED',
      'RETRACTED',
      'UPDATED',
      'RETRACTED',
      'STANDS',
    ])
    expect(standing(events).map(({ id }) => id)).toEqual(['5'])
  })
})

describe('what is in the way of an event', () => {
  it('is everything that is missing', () => {
    expect(obstaclesTo(exported, [], recorded(1, 'LOAD'))).toMatchObject([
      { en: 'GTIN is missing before LOAD' },
      { en: 'YARD is missing before LOAD' },
    ])
    const before = [recorded(1, 'GTIN'), recorded(2, 'YARD')]
    expect(obstaclesTo(exported, before, recorded(3, 'LOAD'))).toEqual([])
  })

  it('is nothing for a plan', () => {
    const planned = recorded(1, 'LOAD', { eventClassifierCode: 'EST' })
    expect(obstaclesTo(exported, [], planned)).toEqual([])
  })

  it('is an event that would lose what it followed', () => {
    const before = [recorded(1, 'GTIN'), recorded(2, 'YARD')]
    const later = { id: 'new', seriesId: '1', sequence: 3 }
    const corrected = recorded(3, 'GTIN', { ...later, eventDateTime: '2026-01-01T01:30:00.000Z' })
    expect(obstaclesTo(exported, before, corrected)).toEqual([])
    const tooLate = recorded(3, 'GTIN', { ...later, eventDateTime: '2026-01-01T03:00:00.000Z' })
    expect(obstaclesTo(exported, before, tooLate)).toMatchObject([
      { en: 'YARD (2) could no longer follow' },
    ])
    const doubted = recorded(3, 'GTIN', { ...later, eventClassifierCode: 'EST' })
    expect(obstaclesTo(exported, before, doubted)).toMatchObject([
      { en: 'YARD (2) could no longer follow' },
    ])
  })

  it('is not what waits already: it may come in any order', () => {
    const waiting = [recorded(2, 'YARD')]
    const gate = recorded(3, 'GTIN', { eventDateTime: '2026-01-01T01:00:00.000Z' })
    expect(obstaclesTo(exported, waiting, gate)).toEqual([])
  })
})
