import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Geometry, geometryFaults, mostVertices, rightHanded } from './geometry.ts'

const polygon = (...coordinates: number[][][]): Geometry => ({ type: 'Polygon', coordinates })
const square = [
  [-5.43, 36.13],
  [-5.42, 36.13],
  [-5.42, 36.14],
  [-5.43, 36.14],
  [-5.43, 36.13],
]
const hole = [
  [-5.427, 36.133],
  [-5.423, 36.133],
  [-5.423, 36.137],
  [-5.427, 36.133],
]
const pointers = (geometry: Geometry) =>
  geometryFaults(geometry, '#/geometry').map(({ pointer }) => pointer)
const details = (geometry: Geometry) =>
  geometryFaults(geometry, '#/geometry').map(({ detail }) =>
    typeof detail === 'string' ? detail : detail.en,
  )

describe('the shape of a place', () => {
  it('may be a point, a line, or a polygon with holes', () => {
    expect(geometryFaults({ type: 'Point', coordinates: [180, -90] }, '#')).toEqual([])
    expect(geometryFaults({ type: 'LineString', coordinates: square }, '#')).toEqual([])
    expect(geometryFaults(polygon(square, hole), '#')).toEqual([])
  })

  it('may reach over the antimeridian', () => {
    const overIt = [
      [179.9, -18],
      [-179.9, -18],
      [-179.9, -17.9],
      [179.9, -17.9],
      [179.9, -18],
    ]
    expect(geometryFaults(polygon(overIt), '#')).toEqual([])
    expect(rightHanded(polygon(overIt.toReversed()))).toEqual(polygon(overIt))
  })

  it('may have a position twice in a row', () => {
    const [first = [], ...rest] = square
    expect(geometryFaults(polygon([first, first, ...rest]), '#')).toEqual([])
  })

  it('has every position on the globe', () => {
    expect(pointers({ type: 'Point', coordinates: [181, 91] })).toEqual([
      '#/geometry/coordinates/0',
      '#/geometry/coordinates/1',
    ])
    const line: Geometry = {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [0, -90.1],
      ],
    }
    expect(pointers(line)).toEqual(['#/geometry/coordinates/1/1'])
    expect(
      pointers(
        polygon(square, [
          [0, 0],
          [Infinity, 0],
          [0, 1],
          [0, 0],
        ]),
      ),
    ).toEqual(['#/geometry/coordinates/1/1/0'])
  })

  it('has closed rings that enclose an area and do not cross themselves', () => {
    expect(details(polygon(square.slice(0, 4)))).toEqual([
      'must be closed: the last position is the first again',
    ])
    expect(
      details(
        polygon([
          [0, 0],
          [1, 1],
          [2, 2],
          [0, 0],
        ]),
      ),
    ).toHaveLength(1)
    expect(details(polygon(Array.from({ length: 5 }, () => [1, 1])))).toEqual([
      'must enclose an area',
    ])
    expect(
      details(
        polygon([
          [0, 0],
          [1, 1],
          [1, 0],
          [0, 1],
          [0, 0],
        ]),
      ),
    ).toEqual(['must not cross itself'])
    expect(
      details(
        polygon(square, [
          [0, 0],
          [1, 1],
          [1, 0],
          [0, 1],
          [0, 0],
        ]),
      ),
    ).toEqual(['must not cross itself'])
  })

  it('does not go round the globe', () => {
    const band = [
      [-170, 0],
      [-50, 0],
      [60, 0],
      [170, 0],
      [170, 10],
      [-170, 10],
      [-170, 0],
    ]
    expect(details(polygon(band))).toEqual(['must not be wider than half the globe'])
  })

  it('has a length when it is a line', () => {
    expect(
      details({
        type: 'LineString',
        coordinates: [
          [1, 1],
          [1, 1],
        ],
      }),
    ).toEqual(['must have a length'])
  })

  it('has a bounded number of positions in all its rings', () => {
    const half = Array.from({ length: mostVertices / 2 + 1 }, () => [0, 0])
    expect(details(polygon(half, half))).toEqual([
      `must have ${mostVertices} positions at most, has ${mostVertices + 2}`,
    ])
  })

  it('is judged within milliseconds at its largest', () => {
    const circle = Array.from({ length: mostVertices - 1 }, (_, n) => {
      const angle = (n * 2 * Math.PI) / (mostVertices - 1)
      return [Math.cos(angle), Math.sin(angle)]
    })
    const ring = [...circle, circle[0] ?? []]
    const begin = performance.now()
    expect(geometryFaults(polygon(ring), '#')).toEqual([])
    expect(performance.now() - begin).toBeLessThan(500)
  })

  it('is kept by the right-hand rule, whichever way it was drawn', () => {
    const kept = polygon(square, hole.toReversed())
    expect(rightHanded(polygon(square.toReversed(), hole))).toEqual(kept)
    expect(rightHanded(kept)).toEqual(kept)
  })

  it('gets an answer whatever its numbers are', () => {
    const position = fc.array(fc.double(), { minLength: 2, maxLength: 2 })
    const ring = fc.array(position, { minLength: 4, maxLength: 12 })
    fc.assert(
      fc.property(fc.array(ring, { minLength: 1, maxLength: 3 }), (rings) => {
        const faults = geometryFaults(polygon(...rings), '#')
        // Random numbers draw no closed ring but where all are the same.
        expect(faults.length).toBeGreaterThan(0)
      }),
    )
  })

  it('turns anticlockwise once kept, for triangles anywhere', () => {
    const near = fc.tuple(
      fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    )
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -80, max: 80, noNaN: true }),
        fc.tuple(near, near, near),
        (longitude, latitude, corners) => {
          const onGlobe = (degrees: number) => degrees - 360 * Math.round(degrees / 360)
          const places = corners.map(([x, y]) => [onGlobe(longitude + x), latitude + y])
          const triangle = polygon([...places, places[0] ?? []])
          fc.pre(geometryFaults(triangle, '#').length === 0)
          const kept = rightHanded(triangle)
          expect(geometryFaults(kept, '#')).toEqual([])
          expect(rightHanded(polygon((kept.coordinates[0] as number[][]).toReversed()))).toEqual(
            kept,
          )
        },
      ),
    )
  })
})
