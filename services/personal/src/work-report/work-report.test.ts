import { describe, expect, it } from 'vitest'
import { nightInAt } from '../rest/night.ts'
import { figuresOfWeek, lastWeek, spanFaults, weeksOf } from './work-report.ts'

const hour = 3_600_000
const timeZone = 'Europe/Madrid'
const terms = { weeklyHours: 40, nightIn: nightInAt(timeZone) }
const stretch = (start: string, hours: number) => ({
  start: Date.parse(start),
  end: Date.parse(start) + hours * hour,
  emergency: false,
  signed: true,
})
const none = { planned: [], recorded: [], absences: [] }

describe('weeks of a report', () => {
  it('begin on Monday by the place’s clock, an hour longer or shorter where it changes', () => {
    const hours = (from: string) =>
      weeksOf(timeZone, { from, to: from }).map(({ monday, start, end }) => [
        monday,
        (end - start) / hour,
      ])
    expect(hours('2026-03-29')).toEqual([['2026-03-23', 167]])
    expect(hours('2026-10-19')).toEqual([['2026-10-19', 169]])
    expect(hours('2026-11-01')).toEqual([['2026-10-26', 168]])
    expect(weeksOf(timeZone, { from: '2026-11-01', to: '2026-11-09' })).toHaveLength(3)
  })

  it('are the last whole one where none is asked for', () => {
    expect(lastWeek(timeZone, new Date('2026-11-08T22:59:59Z'))).toEqual({
      from: '2026-10-26',
      to: '2026-11-01',
    })
    expect(lastWeek(timeZone, new Date('2026-11-08T23:00:00Z'))).toEqual({
      from: '2026-11-02',
      to: '2026-11-08',
    })
  })

  it('are 53 at most', () => {
    expect(spanFaults({ from: '2026-01-05', to: '2027-01-04' })).toEqual([])
    expect(spanFaults({ from: '2026-01-05', to: '2027-01-05' })).toHaveLength(1)
    expect(spanFaults({ from: '2026-01-05', to: '2026-01-04' })).toHaveLength(1)
  })
})

describe('the figures of a week', () => {
  const [autumn] = weeksOf(timeZone, { from: '2026-10-25', to: '2026-10-25' })
  const week = autumn ?? { start: 0, end: 0 }

  it('count the hour that a clock shows twice', () => {
    // From ten in the evening to six in the morning on the clock: nine hours.
    const recorded = [stretch('2026-10-24T20:00:00Z', 9)]
    expect(figuresOfWeek({ ...none, recorded }, week, terms)).toMatchObject({
      workedMinutes: 540,
      nightMinutes: 540,
    })
  })

  it('count only what lies within, and what two records share once', () => {
    const recorded = [stretch('2026-10-25T20:00:00Z', 8), stretch('2026-10-25T21:00:00Z', 1)]
    expect(figuresOfWeek({ ...none, recorded }, week, terms).workedMinutes).toBe(180)
  })

  it('have no utilisation where the whole week was absence', () => {
    const hours = { ...none, absences: [week], recorded: [stretch('2026-10-20T08:00:00Z', 2)] }
    expect(figuresOfWeek(hours, week, terms)).toMatchObject({
      dueMinutes: 0,
      overtimeMinutes: 120,
      utilisation: null,
    })
  })
})
