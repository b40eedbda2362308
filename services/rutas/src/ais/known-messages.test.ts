import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KnownMessages } from './known-messages.ts'
import { payloadHash } from './payload-hash.ts'

describe('the messages that are known', () => {
  it('never call new what has been added', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.string({ maxLength: 28 }))), (all) => {
        const known = new KnownMessages(100_000)
        for (const bucket of [0, 1, 2, 3]) known.begin(bucket, bucket !== 3)
        for (const [bucket, payload] of all) {
          known.add(bucket, payloadHash(payload))
          expect(known.isSurelyNew(bucket, payloadHash(payload))).toBe(false)
        }
        for (const [bucket, payload] of all)
          expect(known.isSurelyNew(bucket, payloadHash(payload))).toBe(false)
      }),
    )
  })

  it('call new almost all that has not been added, and nothing in a stretch begun before', () => {
    const known = new KnownMessages(100_000)
    known.begin(1, true)
    known.begin(2, false)
    for (let n = 0; n < 20_000; n++) known.add(1, payloadHash(`added ${n}`))
    const others = Array.from({ length: 20_000 }, (_, n) => `other ${n}`)
    expect(others.filter((each) => !known.isSurelyNew(1, payloadHash(each))).length).toBeLessThan(5)
    expect(known.isSurelyNew(2, payloadHash('anything'))).toBe(false)
    expect(known.isSurelyNew(3, payloadHash('anything'))).toBe(false)
    expect([1, 2, 3].map((bucket) => known.has(bucket))).toEqual([true, true, false])
  })

  it('forget the oldest stretches, however many there are', () => {
    const known = new KnownMessages(100_000)
    for (let bucket = 0; bucket < 20_000; bucket++) {
      known.begin(bucket, true)
      known.add(bucket, payloadHash('one'))
    }
    expect(known.has(0)).toBe(false)
    expect(known.isSurelyNew(0, payloadHash('two'))).toBe(false)
    expect(known.isSurelyNew(19_999, payloadHash('two'))).toBe(true)
  })

  it('are no more than so many', () => {
    const known = new KnownMessages(1_000)
    for (let n = 0; n < 10_000; n++) {
      const bucket = Math.floor(n / 300)
      if (!known.has(bucket)) known.begin(bucket, true)
      known.add(bucket, payloadHash(`message ${n}`))
      expect(known.size).toBeLessThanOrEqual(1_000)
    }
    expect(known.size).toBeGreaterThan(600)
  })
})
