import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedProperties, type Recorded, recordedProperties } from './vessel-record.ts'

const value = fc.option(fc.constantFrom('A', 'B', 'C'))
const recorded: fc.Arbitrary<Recorded> = fc.record({
  name: value,
  flag: value,
  callSign: value,
  MMSINumber: value,
  state: value,
})

describe('what is recorded of a change', () => {
  it('is each property that differs, what was not known before included', () => {
    fc.assert(
      fc.property(fc.option(recorded), recorded, (before, after) => {
        const changed = changedProperties(before, after)
        for (const property of recordedProperties) {
          const was = before === null ? null : before[property]
          expect(changed.includes(property)).toBe(was !== after[property])
        }
      }),
    )
  })

  it('brings one time to the other, whatever lies between', () => {
    fc.assert(
      fc.property(fc.array(recorded, { minLength: 1 }), (times) => {
        // As the store does it: each change ends what was open and opens what is known.
        const open = new Map<string, string>()
        let before: Recorded | null = null
        for (const after of times) {
          for (const property of changedProperties(before, after)) {
            const present = after[property]
            if (present === null) open.delete(property)
            else open.set(property, present)
          }
          before = after
        }
        for (const property of recordedProperties) {
          expect(open.get(property) ?? null).toBe(before?.[property])
        }
      }),
    )
  })
})
