import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inTheWay, nearestMiss, type Occupancy, placesFor } from './free-quay.ts'
import type { Margins } from './margins.ts'

const margins: Margins = {
  gap: 15,
  gapShare: 0.1,
  underKeel: 0,
  underKeelShare: 0.1,
  overhead: 1,
  tide: 0,
}
const whole = { startsAt: new Date(0), endsAt: new Date(1) }
const ship = (fromMetre: number, lengthOverall: number) => ({
  ...whole,
  fromMetre,
  toMetre: fromMetre + lengthOverall,
  lengthOverall,
})
const block = (fromMetre: number, toMetre: number) => ({
  ...whole,
  fromMetre,
  toMetre,
  lengthOverall: null,
})
const places = (lengthOverall: number, quayLength: number, occupied: Occupancy[]) =>
  placesFor({ lengthOverall, quayLength, margins }, occupied)

describe('places along a quay', () => {
  it('begin and end a gap from the ends of an empty one', () => {
    expect(places(100, 200, [])).toEqual([{ fromMetre: 15, toMetre: 115, leftover: 70 }])
    expect(places(200, 240, [])).toEqual([{ fromMetre: 20, toMetre: 220, leftover: 0 }])
    expect(places(200, 239.9, [])).toEqual([])
  })

  it('keep the gap that the longer of two neighbours needs', () => {
    expect(places(100, 1_000, [ship(200, 300)])).toEqual([
      { fromMetre: 15, toMetre: 115, leftover: 55 },
      { fromMetre: 530, toMetre: 630, leftover: 355 },
    ])
    expect(places(300, 1_000, [ship(200, 100)])).toEqual([
      { fromMetre: 330, toMetre: 630, leftover: 340 },
    ])
  })

  it('treat a block as they do the end of the quay, and what overlaps as one', () => {
    const taken = [block(100, 150), block(120, 130), ship(400, 100)]
    expect(places(100, 600, taken)).toEqual([{ fromMetre: 165, toMetre: 265, leftover: 120 }])
  })

  it('keep the gap of a long ship that lies behind a short one', () => {
    const taken = [ship(100, 400), ship(510, 20)]
    expect(places(50, 700, taken)).toEqual([{ fromMetre: 545, toMetre: 595, leftover: 90 }])
  })

  it('say by how little a ship finds none', () => {
    const sought = { lengthOverall: 200, quayLength: 500, margins }
    const taken = [ship(15, 100), ship(130, 120), ship(265, 90)]
    expect(nearestMiss(sought, taken)).toEqual({ free: 145, needed: 240 })
    expect(nearestMiss({ ...sought, quayLength: 100 }, [])).toEqual({ free: 100, needed: 240 })
    const full = [block(0, 500)]
    expect(nearestMiss(sought, full)).toMatchObject({ free: 0 })
  })

  const length = fc.integer({ min: 5, max: 200 })
  const occupied = fc.array(
    fc.record({ from: fc.integer({ min: 0, max: 480 }), length, isBlock: fc.boolean() }),
    { maxLength: 6 },
  )

  it('are all there are, by trying every metre of the quay', () => {
    fc.assert(
      fc.property(length, fc.integer({ min: 50, max: 500 }), occupied, (own, quay, given) => {
        const taken = given.map(({ from, length, isBlock }) => ({
          ...ship(from, length),
          ...(isBlock ? { lengthOverall: null } : {}),
        }))
        const gap = Math.max(15, own / 10)
        const sought = { lengthOverall: own, quayLength: quay, margins }
        const found = placesFor(sought, taken)
        const wrong = []
        // Tenths of a metre: every bound is a multiple of one.
        for (let tenth = 0; tenth <= quay * 10; tenth++) {
          const hull = { fromMetre: tenth / 10, toMetre: tenth / 10 + own }
          const onQuay = hull.fromMetre >= gap - 1e-6 && hull.toMetre + gap <= quay + 1e-6
          const free = onQuay && inTheWay(hull, taken, sought).length === 0
          const within = found.some(
            ({ fromMetre, leftover }) =>
              hull.fromMetre >= fromMetre - 1e-6 && hull.fromMetre <= fromMetre + leftover + 1e-6,
          )
          if (free !== within) wrong.push({ ...hull, free, within })
        }
        expect(wrong).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
