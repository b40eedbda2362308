import { describe, expect, it } from 'vitest'
import { cursorText, liveChange, type LiveFilter, readCursor, tellOf } from './live-change.ts'

const everything: LiveFilter = { box: null, mmsis: null, shape: null }
const position = (mmsi: string, lat: number, lon: number) => ({
  mmsi,
  kind: 'vessel' as const,
  name: null,
  shipType: null,
  position: { lat, lon },
  speed: null,
  course: null,
  heading: null,
  navigationStatus: null,
  time: '2026-10-01T12:00:00.000Z',
})
const change = liveChange(
  { last: 7n, written: 1 },
  {
    positions: [position('224000001', 0, 179.5), position('224000002', 0, -179.5)],
    zoneEvents: [],
  },
)
const told = (filter: Partial<LiveFilter>): string[] | null => {
  const text = tellOf(change, { ...everything, ...filter })
  return text === null ? null : JSON.parse(text).positions.map(({ mmsi }: { mmsi: string }) => mmsi)
}

describe('what a reader is told', () => {
  it('is everything without a filter', () => {
    expect(told({})).toEqual(['224000001', '224000002'])
  })
  it('is what lies in a box, over the antimeridian too', () => {
    const strip = { south: -1, north: 1 }
    expect(told({ box: { ...strip, west: 179, east: -179 } })).toHaveLength(2)
    expect(told({ box: { ...strip, west: 179, east: 180 } })).toEqual(['224000001'])
    expect(told({ box: { ...strip, west: -179, east: 179 } })).toBeNull()
    expect(told({ box: { south: 1, north: 2, west: 179, east: -179 } })).toBeNull()
  })
  it('is what all filters let through', () => {
    expect(told({ mmsis: new Set(['224000002']) })).toEqual(['224000002'])
    const box = { south: -1, north: 1, west: 179, east: 180 }
    expect(told({ mmsis: new Set(['224000002']), box })).toBeNull()
  })
})

it('a cursor is read as it was written, and nothing else is', () => {
  const cursor = { last: 123_456_789_012n, written: 1_790_000_000_000 }
  expect(readCursor(cursorText(cursor))).toEqual(cursor)
  for (const wrong of ['', '7', '-1-2', '1-2-3', 'a-b', `${'9'.repeat(19)}-1`]) {
    expect(readCursor(wrong)).toBeNull()
  }
})
