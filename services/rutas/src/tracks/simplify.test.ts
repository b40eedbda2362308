import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metresPerDegree } from '../geography/geodesy.ts'
import { simplifiedLine } from './simplify.ts'

/** Places by metres east and north of a place on the equator. */
const places = (points: readonly (readonly [number, number])[], lon = 0) =>
  points.map(([x, y]) => ({ lat: y / metresPerDegree, lon: lon + x / metresPerDegree }))

describe('a simplified line', () => {
  it('keeps bends and leaves out what lies on the way', () => {
    const line = places([
      [0, 0],
      [500, 3],
      [1_000, 0],
      [1_000, 400],
      [1_000, 1_000],
    ])
    expect(simplifiedLine(line, 10)).toEqual([0, 2, 4])
    expect(simplifiedLine(line, 1)).toEqual([0, 1, 2, 4])
  })

  it('keeps the far end of a way there and back', () => {
    const line = places([
      [0, 0],
      [900, 0],
      [0, 0],
    ])
    expect(simplifiedLine(line, 10)).toEqual([0, 1, 2])
  })

  it('takes the antimeridian as any other meridian', () => {
    const line = [179.99, -180, -179.99].map((lon) => ({ lat: 10, lon }))
    expect(simplifiedLine(line, 10)).toEqual([0, 2])
  })

  it('takes lines of one place and of none', () => {
    expect(simplifiedLine(places([[5, 5]]), 10)).toEqual([0])
    expect(simplifiedLine([], 10)).toEqual([])
  })

  it('leaves out no place farther away than the tolerance, and with none only what adds nothing', () => {
    const metre = fc.integer({ min: -5_000, max: 5_000 })
    fc.assert(
      fc.property(fc.array(fc.tuple(metre, metre), { minLength: 2, maxLength: 60 }), (points) => {
        const kept = simplifiedLine(places(points), 100)
        for (const [n, [x, y]] of points.entries()) {
          const after = kept.findIndex((each) => each >= n)
          const [a, b] = [points[kept[Math.max(0, after - 1)] ?? 0], points[kept[after] ?? 0]]
          if (!a || !b) throw new Error('the ends are kept')
          // By the triangle: the least over many places of the segment.
          const nearest = Math.min(
            ...Array.from({ length: 1_001 }, (_, share) =>
              Math.hypot(
                x - a[0] - (share / 1_000) * (b[0] - a[0]),
                y - a[1] - (share / 1_000) * (b[1] - a[1]),
              ),
            ),
          )
          expect(nearest).toBeLessThan(100 + 10)
        }
      }),
    )
  })
})
