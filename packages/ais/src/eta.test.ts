import { expect, it } from 'vitest'
import { resolveEta } from './eta.ts'

it.each([
  ['the same year', { month: 6, day: 10, hour: 8, minute: 30 }, '2026-06-10T08:30:00.000Z'],
  ['the next year', { month: 1, day: 2, hour: 0, minute: 0 }, '2027-01-02T00:00:00.000Z'],
  ['this very minute', { month: 6, day: 1, hour: 12, minute: 0 }, '2026-06-01T12:00:00.000Z'],
  ['a minute ago', { month: 6, day: 1, hour: 11, minute: 59 }, '2027-06-01T11:59:00.000Z'],
  [
    'today without a time',
    { month: 6, day: 1, hour: null, minute: null },
    '2026-06-01T23:59:00.000Z',
  ],
  ['no minute', { month: 6, day: 1, hour: 12, minute: null }, '2026-06-01T12:59:00.000Z'],
  ['a leap day', { month: 2, day: 29, hour: 1, minute: 0 }, '2028-02-29T01:00:00.000Z'],
  ['no such day', { month: 2, day: 30, hour: 1, minute: 0 }, undefined],
  ['no month', { month: null, day: 1, hour: 1, minute: 0 }, undefined],
  ['no day', { month: 1, day: null, hour: 1, minute: 0 }, undefined],
])('resolves an arrival: %s', (_, eta, expected) => {
  const resolved = resolveEta(eta, new Date('2026-06-01T12:00:30Z'))
  expect(resolved?.toISOString()).toBe(expected)
})

it('finds a leap day across a century without one', () => {
  const eta = { month: 2, day: 29, hour: 0, minute: 0 }
  expect(resolveEta(eta, new Date('2096-03-01T00:00:00Z'))?.getUTCFullYear()).toBe(2104)
})
