import fc from 'fast-check'
import { expect, it } from 'vitest'
import { normalLongitude } from '../geography/geodesy.ts'
import { zoneRules } from './zone-index.ts'
import { comesNear, shapeOf } from './zone.ts'

const lon = fc.double({ min: -180, max: 180, noNaN: true })
const lat = fc.double({ min: -80, max: 80, noNaN: true })

const circle = fc
  .tuple(fc.uuid(), lon, lat, fc.double({ min: 1, max: 200_000, noNaN: true }))
  .map(([id, x, y, radiusMetres]) =>
    shapeOf({
      id,
      name: 'Circle',
      kind: 'custom',
      geometry: { type: 'Point', coordinates: [x, y] },
      radiusMetres,
      UNLocationCode: null,
      facilityCode: null,
      stillMinutes: 5,
      dwellMinutes: null,
      speedLimitKnots: null,
      version: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      changedAt: '2026-01-01T00:00:00.000Z',
    }),
  )

it('finds every zone that a way comes near', () => {
  fc.assert(
    fc.property(
      fc.array(circle, { minLength: 1, maxLength: 20 }),
      fc.nat(),
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (shapes, pick, dx, dy) => {
        const rules = zoneRules(shapes, 50)
        const { centre } = shapes[pick % shapes.length] ?? { centre: { lat: 0, lon: 0 } }
        const from = { lat: centre.lat + dy, lon: normalLongitude(centre.lon + dx) }
        const to = { lat: centre.lat - dy / 2, lon: normalLongitude(centre.lon - dx / 3) }
        const found = new Set(rules.near(from, to))
        for (const shape of shapes) {
          if (comesNear(shape, { from, to, marginMetres: 50 })) expect(found).toContain(shape)
        }
      },
    ),
  )
})
