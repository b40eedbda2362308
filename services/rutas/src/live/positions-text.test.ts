import fc from 'fast-check'
import { expect, it } from 'vitest'
import { unknownTarget } from '../targets/target.ts'
import { positionsText } from './positions-text.ts'

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
const fix = fc.record({
  time: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  ownTime: fc.boolean(),
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
  speed: orNull(fc.integer({ min: 0, max: 1_022 }).map((tenths) => tenths / 10)),
  course: orNull(fc.integer({ min: 0, max: 3_599 }).map((tenths) => tenths / 10)),
  heading: orNull(fc.integer({ min: 0, max: 359 })),
  status: orNull(fc.integer({ min: 0, max: 15 })),
})
const targets = fc.uniqueArray(
  fc.record({
    fix: orNull(fix),
    name: orNull(fc.string({ unit: 'grapheme' })),
    shipType: orNull(fc.nat(255)),
  }),
  { maxLength: 20 },
)

it('the text of positions is the JSON of them', async () => {
  await fc.assert(
    fc.asyncProperty(targets, async (all) => {
      const heard = all.map((parts, n) => ({
        before: null,
        target: { ...unknownTarget(String(224_000_000 + n), 'vessel'), ...parts },
      }))
      const expected = all.flatMap(({ fix: known, name, shipType }, n) =>
        known === null
          ? []
          : {
              mmsi: String(224_000_000 + n),
              kind: 'vessel',
              name,
              shipType,
              position: { lat: expect.closeTo(known.lat, 5), lon: expect.closeTo(known.lon, 5) },
              speed: known.speed,
              course: known.course,
              heading: known.heading,
              navigationStatus: known.status,
              time: new Date(known.time).toISOString(),
            },
      )
      expect(JSON.parse((await positionsText(heard)).toString())).toEqual(expected)
      const still = heard.map(({ target }) => ({ before: target, target }))
      expect((await positionsText(still)).toString()).toBe('[]')
    }),
  )
})
