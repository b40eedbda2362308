import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextDate } from '@porttrack/shared/time/local-time'
import { daysOf, planFaults, recurrenceFaults, windowOn } from './shift-rotation.ts'

const from = '2026-10-24'
const rotation = (rule: string, exceptDays: string[] = []) => ({ rule, firstDay: from, exceptDays })

describe('the days of a rotation', () => {
  it('are those of its rule within a span, both ends included', () => {
    expect(daysOf(rotation('FREQ=DAILY;INTERVAL=2'), { from, to: '2026-10-28' })).toEqual([
      '2026-10-24',
      '2026-10-26',
      '2026-10-28',
    ])
    expect(
      daysOf(rotation('FREQ=WEEKLY;BYDAY=MO,SU'), { from: '2026-10-20', to: '2026-11-02' }),
    ).toEqual(['2026-10-25', '2026-10-26', '2026-11-01', '2026-11-02'])
    expect(
      daysOf(rotation('FREQ=DAILY;UNTIL=20261026', ['2026-10-25']), { from, to: '2026-12-01' }),
    ).toEqual(['2026-10-24', '2026-10-26'])
    expect(
      daysOf(rotation('FREQ=DAILY;COUNT=2'), { from: '2027-01-01', to: '2027-02-01' }),
    ).toEqual([])
  })

  it('are the same in whatever spans they are asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        (interval, first, second) => {
          const given = rotation(`FREQ=DAILY;INTERVAL=${interval}`)
          const middle = nextDate(from, first)
          const to = nextDate(middle, second + 1)
          expect([
            ...daysOf(given, { from, to: middle }),
            ...daysOf(given, { from: nextDate(middle), to }),
          ]).toEqual(daysOf(given, { from, to }))
        },
      ),
    )
  })

  it('are of no rule that is none', () => {
    for (const rule of ['FREQ=WEEKLY;BYDAY=XX', 'FREQ=DAILY;INTERVAL=0', 'FREQ=DAILY;BYSETPOS=1']) {
      expect(recurrenceFaults(rotation(rule))).toMatchObject([{ pointer: '#/rule' }])
    }
    expect(recurrenceFaults(rotation('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'))).toEqual([])
    expect(recurrenceFaults(rotation('FREQ=DAILY'))).toEqual([])
  })

  it('are planned a hundred at a time', () => {
    expect(planFaults({ from, to: nextDate(from, 99) })).toEqual([])
    expect(planFaults({ from, to: nextDate(from, 100) })).toHaveLength(1)
    expect(planFaults({ from, to: nextDate(from, -1) })).toHaveLength(1)
  })
})

describe('the times of a rotation', () => {
  const window = (day: string, startTime: string, endTime: string) => {
    const found = windowOn(day, { timeZone: 'Europe/Madrid', startTime, endTime })
    return [found.from.toISOString(), (found.to.getTime() - found.from.getTime()) / 3_600_000]
  }

  it('are those of the clock, into the next day where they end no later than they begin', () => {
    expect(window('2026-10-20', '06:00', '14:00')).toEqual(['2026-10-20T04:00:00.000Z', 8])
    expect(window('2026-10-20', '22:00', '06:00')).toEqual(['2026-10-20T20:00:00.000Z', 8])
    expect(window('2026-10-20', '08:00', '08:00')).toEqual(['2026-10-20T06:00:00.000Z', 24])
  })

  it('make a night an hour longer or shorter where the clocks change', () => {
    expect(window('2026-10-24', '22:00', '06:00')).toEqual(['2026-10-24T20:00:00.000Z', 9])
    expect(window('2026-10-25', '22:00', '06:00')).toEqual(['2026-10-25T21:00:00.000Z', 8])
    expect(window('2026-03-28', '22:00', '06:00')).toEqual(['2026-03-28T21:00:00.000Z', 7])
  })

  it('are the first of two that the clock shows, and later than one that it skips', () => {
    expect(window('2026-10-25', '02:30', '03:30')).toEqual(['2026-10-25T00:30:00.000Z', 2])
    expect(window('2026-03-29', '02:30', '04:30')).toEqual(['2026-03-29T01:30:00.000Z', 1])
    expect(window('2026-03-29', '02:30', '03:30')).toEqual(['2026-03-29T01:30:00.000Z', 0])
  })
})
