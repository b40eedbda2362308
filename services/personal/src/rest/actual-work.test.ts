import { describe, expect, it } from 'vitest'
import { type AssignedWork, type RecordedWork, workOf } from './actual-work.ts'

const hour = 3_600_000
const shift = (from: number, to: number, more: Partial<AssignedWork> = {}): AssignedWork => ({
  shiftId: 'shift',
  start: from * hour,
  end: to * hour,
  emergency: false,
  closed: false,
  ...more,
})
const record = (
  from: number,
  to: number | null,
  more: Partial<RecordedWork> = {},
): RecordedWork => ({
  shiftId: 'shift',
  start: from * hour,
  end: to === null ? null : to * hour,
  emergency: false,
  ...more,
})
const hoursOf = (assigned: AssignedWork[], recorded: RecordedWork[], now: number) =>
  workOf({ assigned, recorded }, now * hour)
    .map(({ start, end }) => [start / hour, end / hour])
    .toSorted(([a = 0], [b = 0]) => a - b)

describe('what rest is judged over', () => {
  it('are planned hours where nothing is recorded', () => {
    expect(hoursOf([shift(8, 16)], [], 100)).toEqual([[8, 16]])
    expect(hoursOf([shift(8, 16)], [record(20, 21, { shiftId: null })], 100)).toEqual([
      [8, 16],
      [20, 21],
    ])
  })

  it('are recorded hours in their place once the time of the shift is past', () => {
    expect(hoursOf([shift(8, 16)], [record(7, 12), record(13, 19)], 20)).toEqual([
      [7, 12],
      [13, 19],
    ])
  })

  it('are the rest of the planned hours too while the shift may go on', () => {
    expect(hoursOf([shift(8, 16)], [record(7, 12)], 13)).toEqual([
      [7, 12],
      [13, 16],
    ])
    expect(hoursOf([shift(8, 16, { closed: true })], [record(7, 12)], 13)).toEqual([[7, 12]])
  })

  it('end now for who is still in, and after a day for who was forgotten', () => {
    expect(hoursOf([], [record(8, null)], 18)).toEqual([[8, 18]])
    expect(hoursOf([], [record(8, null)], 500)).toEqual([[8, 32]])
    expect(hoursOf([], [record(8, null)], 7)).toEqual([])
  })
})
