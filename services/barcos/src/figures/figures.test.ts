import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BerthDay, type CallDay, figuresOf, portDays, spanFaults } from './figures.ts'

const hours = ({ from, to }: { from: Date; to: Date }) =>
  (to.getTime() - from.getTime()) / 3_600_000

describe('the days of a span', () => {
  it('follow each other without a gap, and have 23 and 25 hours where clocks change', () => {
    const days = portDays('Europe/Madrid', { from: '2026-03-28', to: '2026-03-30' })
    expect(days.map(({ date }) => date)).toEqual(['2026-03-28', '2026-03-29', '2026-03-30'])
    expect(days.map(hours)).toEqual([24, 23, 24])
    const autumn = portDays('Europe/Madrid', { from: '2026-10-24', to: '2026-10-26' })
    expect(autumn.map(hours)).toEqual([24, 25, 24])
    for (const [index, { to }] of autumn.entries()) {
      expect(autumn[index + 1]?.from ?? to).toEqual(to)
    }
  })

  it('are a year at most, and not before their beginning', () => {
    expect(spanFaults({ from: '2026-01-01', to: '2026-01-01' })).toEqual([])
    expect(spanFaults({ from: '2026-01-01', to: '2027-01-01' })).toEqual([])
    expect(spanFaults({ from: '2026-01-01', to: '2027-01-02' })).toMatchObject([{ pointer: '?to' }])
    expect(spanFaults({ from: '2026-01-02', to: '2026-01-01' })).toMatchObject([
      { pointer: '?to', detail: { en: 'must not be before from' } },
    ])
  })
})

const anyDay = fc.constantFrom('2026-01-01', '2026-01-02')
const anyBerth = fc.constantFrom('a', 'b')
const amount = fc.integer({ min: 0, max: 1_000 })
const berthDays = fc.uniqueArray(
  fc.record<BerthDay>({
    date: anyDay,
    berthId: anyBerth,
    berthCode: anyBerth,
    berthName: anyBerth,
    offered: fc.integer({ min: 1, max: 1_000 }),
    taken: amount,
    reserved: amount,
  }),
  { selector: ({ date, berthId }) => date + berthId },
)
const callDay = fc.record<CallDay>({
  date: anyDay,
  berthId: fc.constant(null),
  berthed: amount,
  departed: amount,
  waitingCalls: amount,
  waitingSeconds: amount,
  idleCalls: amount,
  idleSeconds: amount,
  due: amount,
  onTime: amount,
})

describe('figures', () => {
  it('keep calls of no known berth, after the berths of their day', () => {
    const berth = { berthId: '1', berthCode: 'A', berthName: 'A', offered: 2_400 }
    const call = { waitingSeconds: 7_200, idleCalls: 0, idleSeconds: 0, due: 2, onTime: 1 }
    const { items, total } = figuresOf(
      [{ date: '2026-01-01', ...berth, taken: 600, reserved: 1_200 }],
      [
        { date: '2026-01-01', berthId: null, berthed: 1, departed: 0, waitingCalls: 1, ...call },
        { date: '2026-01-01', berthId: '1', berthed: 2, departed: 1, waitingCalls: 2, ...call },
      ],
    )
    expect(items.map(({ berthCode }) => berthCode)).toEqual(['A', null])
    expect(items[0]).toMatchObject({
      occupancy: 0.25,
      reservedOccupancy: 0.5,
      callsBerthed: 2,
      meanWaitingSeconds: 3_600,
      meanIdleSeconds: null,
      onTimeRatio: 0.5,
    })
    expect(items[1]).toMatchObject({ occupancy: null, metreHoursOffered: null, callsBerthed: 1 })
    expect(total).toMatchObject({ occupancy: 0.25, callsBerthed: 3, meanWaitingSeconds: 4_800 })
  })

  it('add up to their total', () => {
    fc.assert(
      fc.property(berthDays, fc.uniqueArray(callDay, { selector: ({ date }) => date }), (b, c) => {
        const { items, total } = figuresOf(b, c)
        const sum = (name: 'metreHoursTaken' | 'callsBerthed' | 'onTimeCalls') =>
          items.reduce((all, each) => all + (each[name] ?? 0), 0)
        expect(total.metreHoursTaken ?? 0).toBe(sum('metreHoursTaken'))
        expect(total.callsBerthed).toBe(sum('callsBerthed'))
        expect(total.onTimeCalls).toBe(sum('onTimeCalls'))
      }),
    )
  })
})
