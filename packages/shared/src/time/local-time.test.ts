import { describe, expect, it } from 'vitest'
import {
  clockOf,
  dateAt,
  daysAt,
  instantAt,
  isTimeZone,
  nextDate,
  readableTimeAt,
  timeAt,
} from './local-time.ts'

const madrid = 'Europe/Madrid'
const hours = ({ from, to }: { from: Date; to: Date }) =>
  (to.getTime() - from.getTime()) / 3_600_000

describe('a place’s calendar days', () => {
  it('begin at its own midnight', () => {
    expect(daysAt(madrid, '2026-11-27', 1)).toEqual({
      from: new Date('2026-11-26T23:00:00Z'),
      to: new Date('2026-11-27T23:00:00Z'),
    })
  })

  it('have 23 hours when the clocks go forward and 25 when they go back', () => {
    expect(hours(daysAt(madrid, '2026-03-29', 1))).toBe(23)
    expect(hours(daysAt(madrid, '2026-10-25', 1))).toBe(25)
    expect(hours(daysAt(madrid, '2026-10-19', 7))).toBe(7 * 24 + 1)
  })

  it('begin later where midnight is skipped', () => {
    // Clocks in Chile go forward at midnight.
    expect(daysAt('America/Santiago', '2026-09-06', 1).from).toEqual(
      new Date('2026-09-06T04:00:00Z'),
    )
  })

  it('are told by its own clock', () => {
    expect(dateAt(madrid, new Date('2026-11-26T23:30:00Z'))).toBe('2026-11-27')
    expect(dateAt('Pacific/Honolulu', new Date('2026-11-27T09:00:00Z'))).toBe('2026-11-26')
  })
})

describe('a place’s time', () => {
  it('is read without its zone', () => {
    const later = new Date('2026-10-25T01:30:59Z')
    expect(readableTimeAt('Europe/Madrid', later)).toBe('2026-10-25 02:30 +01:00')
    expect(readableTimeAt('UTC', later)).toBe('2026-10-25 01:30 +00:00')
  })

  it('shows offset and zone, so that a repeated hour is not ambiguous', () => {
    expect(timeAt(madrid, new Date('2026-10-25T00:30:00Z'))).toBe(
      '2026-10-25T02:30:00+02:00[Europe/Madrid]',
    )
    expect(timeAt(madrid, new Date('2026-10-25T01:30:00.999Z'))).toBe(
      '2026-10-25T02:30:00+01:00[Europe/Madrid]',
    )
  })

  it.each([madrid, 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Etc/UTC'])(
    'is told alike by a clock that is asked often, in %s',
    (zone) => {
      const clock = clockOf(zone)
      const changes = ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z', '2026-09-06T04:00:00Z']
      const around = changes.flatMap((change) =>
        [-3_600_000, -1, 0, 1, 3_600_000].map((apart) => Date.parse(change) + apart),
      )
      // Hours apart, and in no order of their own.
      const spread = Array.from({ length: 2_000 }, (_, n) => 1.7e12 + ((n * 7_919) % 2_000) * 5e7)
      for (const time of [...around, ...spread, -1e12, 4e12]) {
        const instant = new Date(time)
        expect(clock(instant)).toBe(timeAt(zone, instant))
      }
    },
  )
})

describe('a time zone', () => {
  it('is one of the IANA database', () => {
    for (const name of [madrid, 'Etc/UTC', 'UTC', 'America/Argentina/Ushuaia']) {
      expect(isTimeZone(name)).toBe(true)
    }
    for (const name of ['', 'Europe/Algeciras', '+01:00', 'CEST/1', '../etc/passwd']) {
      expect(isTimeZone(name)).toBe(false)
    }
  })
})

describe('a time on a place’s clock', () => {
  const at = (date: string, time: string) => instantAt(madrid, date, time).toISOString()

  it('is that of its offset', () => {
    expect(at('2026-11-27', '22:00')).toBe('2026-11-27T21:00:00.000Z')
    expect(at('2026-07-01', '06:30')).toBe('2026-07-01T04:30:00.000Z')
  })

  it('is the first of two, and later where it is skipped', () => {
    expect(at('2026-10-25', '02:30')).toBe('2026-10-25T00:30:00.000Z')
    expect(at('2026-03-29', '02:30')).toBe('2026-03-29T01:30:00.000Z')
  })

  it('is refused where there is none', () => {
    expect(() => at('2026-11-31', '10:00')).toThrow(RangeError)
    expect(() => at('2026-11-30', '24:30')).toThrow(RangeError)
  })
})

describe('the day after another', () => {
  it('goes over the ends of months and years, both ways', () => {
    expect(nextDate('2026-12-31')).toBe('2027-01-01')
    expect(nextDate('2028-02-28', 2)).toBe('2028-03-01')
    expect(nextDate('2026-03-01', -1)).toBe('2026-02-28')
  })
})
