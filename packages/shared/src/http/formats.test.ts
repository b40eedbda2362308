import { describe, expect, it } from 'vitest'
import { isDate, isDateTime } from './formats.ts'

describe('formats of dates and times', () => {
  it('takes dates that exist', () => {
    for (const date of ['1900-01-01', '2028-02-29', '2999-12-31']) expect(isDate(date)).toBe(true)
    for (const date of ['2026-02-29', '2026-06-31', '2026-13-01', '0000-01-01', '26-01-01', '']) {
      expect(isDate(date)).toBe(false)
    }
  })

  it('takes times with an offset that JavaScript and PostgreSQL can hold', () => {
    for (const time of [
      '2026-06-30T10:00:00Z',
      '2026-06-30t23:59:59.123456789z',
      '2026-06-30T10:00:00-05:30',
    ]) {
      expect(isDateTime(time)).toBe(true)
      expect(Number.isNaN(Date.parse(time))).toBe(false)
    }
    for (const time of [
      '2026-06-30T10:00:00',
      '2026-06-31T10:00:00Z',
      '2026-06-30T23:59:60Z',
      '2026-06-30T24:00:00Z',
      '2026-06-30 10:00:00Z',
      '2026-06-30T10:00:00+24:00',
      '0000-06-30T10:00:00Z',
      '2026-06-30',
    ]) {
      expect(isDateTime(time)).toBe(false)
    }
  })
})
