import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metresPerDegree, shortWay } from '../geography/geodesy.ts'
import type { Zone } from './zone.schema.ts'
import {
  borderDistance,
  comesNear,
  crossings,
  inside,
  onPlane,
  zoneFaults,
  shapeOf,
} from './zone.ts'

const zoneOf = (shape: Pick<Zone, 'geometry'> & { radiusMetres?: number }): Zone => ({
  id: '00000000-0000-7000-8000-000000000001',
  name: 'Zone',
  kind: 'custom',
  UNLocationCode: null,
  facilityCode: null,
  stillMinutes: 5,
  dwellMinutes: null,
  speedLimitKnots: null,
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  changedAt: '2026-01-01T00:00:00.000Z',
  radiusMetres: null,
  ...shape,
})
const polygon = (...rings: number[][][]) => ({
  geometry: { type: 'Polygon' as const, coordinates: rings },
})
const box = (west: number, south: number, east: number, north: number) => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
]
const input = (shape: Pick<Zone, 'geometry'> & { radiusMetres?: number }) => ({
  name: 'Zone',
  kind: 'custom' as const,
  ...shape,
})

describe('the shape of a zone', () => {
  it('is right when rings are closed and enclose an area', () => {
    expect(zoneFaults(input(polygon(box(0, 0, 1, 1))))).toEqual([])
    expect(zoneFaults(input(polygon(box(0, 0, 3, 3), box(1, 1, 2, 2))))).toEqual([])
    expect(zoneFaults(input(polygon(box(179, 0, -179, 1))))).toEqual([])
  })

  it('may not go round the globe, or half of it', () => {
    const around = [-180, -90, 0, 90, 180].map((lon) => [lon, 60])
    expect(zoneFaults(input(polygon([...around.slice(0, 4), [-180, 60]])))).toMatchObject([
      { detail: { en: 'must not go round the globe' } },
    ])
    const wide = [
      [-100, 0],
      [0, 0],
      [100, 0],
      [100, 10],
      [0, 10],
      [-100, 10],
      [-100, 0],
    ]
    expect(zoneFaults(input(polygon(wide)))).toMatchObject([
      { detail: { en: 'must not be wider than half the globe' } },
    ])
  })

  it('names each coordinate that is wrong', () => {
    const faults = zoneFaults(
      input(
        polygon([
          [0, 0],
          [181, 0],
          [1, -91],
          [0, 0],
        ]),
      ),
    )
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '#/geometry/coordinates/0/1/0',
      '#/geometry/coordinates/0/2/1',
    ])
  })
})

describe('what is inside', () => {
  const within = (zone: Zone, lon: number, lat: number) => {
    const shape = shapeOf(zone)
    return inside(shape, onPlane(shape, { lat, lon }))
  }

  it('leaves out holes', () => {
    const zone = zoneOf(polygon(box(0, 0, 3, 3), box(1, 1, 2, 2)))
    expect(within(zone, 0.5, 0.5)).toBe(true)
    expect(within(zone, 1.5, 1.5)).toBe(false)
    expect(within(zone, 3.5, 1.5)).toBe(false)
  })

  it('reaches over the antimeridian', () => {
    const zone = zoneOf(polygon(box(179, 0, -179, 1), box(-179.9, 0.4, -179.8, 0.6)))
    expect(within(zone, 179.5, 0.5)).toBe(true)
    expect(within(zone, -179.5, 0.5)).toBe(true)
    expect(within(zone, 180, 0.5)).toBe(true)
    expect(within(zone, -179.85, 0.5)).toBe(false)
    expect(within(zone, 0, 0.5)).toBe(false)
    expect(within(zone, 178.5, 0.5)).toBe(false)
  })

  it('is a circle around a point, in metres', () => {
    const zone = zoneOf({
      geometry: { type: 'Point', coordinates: [-5, 60] },
      radiusMetres: metresPerDegree / 2,
    })
    expect(within(zone, -5, 60.49)).toBe(true)
    expect(within(zone, -5, 60.51)).toBe(false)
    expect(within(zone, -4.02, 60)).toBe(true)
    expect(within(zone, -3.98, 60)).toBe(false)
  })
})

describe('properties', () => {
  const lon = fc.double({ min: -180, max: 180, noNaN: true })
  const lat = fc.double({ min: -70, max: 70, noNaN: true })
  const centre = fc.record({ lon, lat })
  const near = fc.record({
    dx: fc.double({ min: -3, max: 3, noNaN: true }),
    dy: fc.double({ min: -3, max: 3, noNaN: true }),
  })
  const wrap = (degrees: number) => (Math.abs(degrees) > 180 ? shortWay(degrees) : degrees)
  const shapeAround = ({ lon: x, lat: y }: { lon: number; lat: number }) => {
    const corner = (dx: number, dy: number) => [wrap(x + dx), y + dy]
    const ring = [corner(-1, -1), corner(1, -1), corner(0.2, 0), corner(1, 1), corner(-1, 1)]
    return shapeOf(zoneOf(polygon([...ring, ring[0] ?? []])))
  }

  it('a way changes sides exactly where it crosses the border', () => {
    fc.assert(
      fc.property(centre, near, near, (middle, a, b) => {
        const shape = shapeAround(middle)
        const from = onPlane(shape, { lon: wrap(middle.lon + a.dx), lat: middle.lat + a.dy })
        const to = onPlane(shape, { lon: wrap(middle.lon + b.dx), lat: middle.lat + b.dy })
        const shares = [0, ...crossings(shape, from, to), 1]
        const at = (t: number) => ({
          x: from.x + t * (to.x - from.x),
          y: from.y + t * (to.y - from.y),
        })
        for (const [n, begin] of shares.slice(0, -1).entries()) {
          const end = shares[n + 1] ?? 1
          if (end - begin < 1e-6) continue
          const sides = [0.01, 0.5, 0.99].map((part) =>
            inside(shape, at(begin + part * (end - begin))),
          )
          expect(new Set(sides).size).toBe(1)
        }
        for (const t of shares.slice(1, -1)) expect(borderDistance(shape, at(t))).toBeLessThan(0.01)
      }),
      // Through a corner, where rounding takes it past the ends of both edges.
      {
        examples: [
          [
            { lon: 0, lat: 0 },
            { dx: 2.999_999_999_999_993_3, dy: -2.999_999_999_999_994 },
            { dx: 0, dy: 0 },
          ],
        ],
      },
    )
  })

  it('no way that touches a shape is said to stay away', () => {
    fc.assert(
      fc.property(centre, near, near, (middle, a, b) => {
        const shape = shapeAround(middle)
        const from = { lon: wrap(middle.lon + a.dx), lat: middle.lat + a.dy }
        const to = { lon: wrap(middle.lon + b.dx), lat: middle.lat + b.dy }
        const [start, end] = [onPlane(shape, from), onPlane(shape, to)]
        const touches = crossings(shape, start, end).length > 0 || inside(shape, start)
        if (touches) expect(comesNear(shape, { from, to, marginMetres: 0 })).toBe(true)
      }),
    )
  })
})
