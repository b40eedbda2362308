import { expect, it } from 'vitest'
import { nightInAt } from './night.ts'

const hour = 3_600_000
const nightIn = (start: string, end: string) =>
  nightInAt('Europe/Madrid')({ start: Date.parse(start), end: Date.parse(end) }) / hour

it('is from ten in the evening to six in the morning on the place’s clock', () => {
  expect(nightIn('2026-11-10T05:00:00Z', '2026-11-10T21:00:00Z')).toBe(0)
  expect(nightIn('2026-11-10T20:00:00Z', '2026-11-11T06:00:00Z')).toBe(8)
  expect(nightIn('2026-11-10T02:00:00Z', '2026-11-10T12:00:00Z')).toBe(3)
  expect(nightIn('2026-07-10T02:00:00Z', '2026-07-10T12:00:00Z')).toBe(2)
  expect(nightIn('2026-11-10T00:00:00Z', '2026-11-12T00:00:00Z')).toBe(16)
})

it('has an hour more or less where the clocks change', () => {
  expect(nightIn('2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toBe(7)
  expect(nightIn('2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toBe(9)
})
