import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceMetres } from './geodesy.ts'
import { type BoundingBox, boxAround, cellOf, cellsOf, readBoundingBox } from './bounding-box.ts'

describe('a bounding box', () => {
  it('is read in the order of GeoJSON', () => {
    const box = { west: 170.5, south: -10, east: -170, north: 10 }
    expect(readBoundingBox('170.5,-10,-170,10')).toEqual(box)
  })

  it('names every fault', () => {
    expect(readBoundingBox('1,2,3')).toMatchObject({
      faults: [{ en: 'must be four numbers: west,south,east,north' }],
    })
    expect(readBoundingBox('-181,50,x,40')).toMatchObject({
      faults: [
        { en: 'west must be from -180 to 180', es: 'el oeste va de -180 a 180' },
        { en: 'east must be a number' },
        { en: 'south must not be over north' },
      ],
    })
    expect(readBoundingBox('0,0,NaN,1e1')).toHaveProperty('faults.length', 2)
  })
})

describe('the box around a place', () => {
  it('holds every place within its radius', () => {
    const place = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
    })
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 2_000_000 }), place, (centre, metres, other) => {
        const { west, south, east, north } = boxAround(centre, metres)
        fc.pre(distanceMetres(centre, other) <= metres)
        expect(other.lat).toBeGreaterThanOrEqual(south)
        expect(other.lat).toBeLessThanOrEqual(north)
        const within =
          west > east
            ? other.lon >= west || other.lon <= east
            : other.lon >= west && other.lon <= east
        expect(within).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the squares of a box', () => {
  const lon = fc.double({ min: -180, max: 180, noNaN: true })
  const lat = fc.double({ min: -90, max: 90, noNaN: true })

  it('hold every place in it', () => {
    fc.assert(
      fc.property(lon, lat, fc.double({ min: 0, max: 30, noNaN: true }), (west, south, size) => {
        const far = west + size
        const box: BoundingBox = {
          west,
          south,
          east: far > 180 ? far - 360 : far,
          north: Math.min(90, south + size),
        }
        const cells = new Set(cellsOf(box))
        for (const share of [0, 0.3, 0.99, 1]) {
          const along = box.west + share * (far - west)
          const place = {
            lon: along > 180 ? along - 360 : along,
            lat: south + share * (box.north - south),
          }
          if (share === 1) place.lon = box.east
          expect(cells).toContain(cellOf(place))
        }
      }),
    )
  })

  it('are given up for the whole world', () => {
    expect(cellsOf({ west: -180, south: -90, east: 180, north: 90 })).toBeNull()
  })
})
