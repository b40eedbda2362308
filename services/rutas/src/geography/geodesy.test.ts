import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceMetres, metresPerNauticalMile, normalLongitude, shortWay } from './geodesy.ts'

const longitude = fc.double({ min: -180, max: 180, noNaN: true })
const place = fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lon: longitude })

describe('distances', () => {
  it('knows a minute of latitude as a nautical mile', () => {
    const metres = distanceMetres({ lat: 43, lon: 7 }, { lat: 43 + 1 / 60, lon: 7 })
    expect(metres / metresPerNauticalMile).toBeCloseTo(1, 2)
  })

  it('goes the short way over the antimeridian', () => {
    const metres = distanceMetres({ lat: 0, lon: 179.9 }, { lat: 0, lon: -179.9 })
    expect(metres).toBeCloseTo(distanceMetres({ lat: 0, lon: 0 }, { lat: 0, lon: 0.2 }), 3)
  })

  it('is the same there and back, and never more than half the globe', () => {
    fc.assert(
      fc.property(place, place, (from, to) => {
        const metres = distanceMetres(from, to)
        expect(metres).toBeCloseTo(distanceMetres(to, from), 3)
        expect(metres).toBeLessThanOrEqual(20_015_200)
      }),
    )
  })
})

describe('longitudes', () => {
  it('differ by half a turn at most', () => {
    fc.assert(
      fc.property(longitude, longitude, (west, east) => {
        const way = shortWay(east - west)
        expect(Math.abs(way)).toBeLessThanOrEqual(180)
        const lands = normalLongitude(west + way)
        expect(Math.abs(shortWay(lands - east))).toBeLessThan(1e-9)
      }),
    )
  })
})
