import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAssembler } from './assembler.ts'
import type { Fragment } from './sentence.ts'

function fragment(changes: Partial<Fragment>): Fragment {
  return {
    ok: true,
    lineNumber: 1,
    talker: 'AI',
    own: false,
    total: 2,
    number: 1,
    sequenceId: '1',
    channel: 'A',
    payload: 'AAA',
    fillBits: 0,
    source: null,
    time: null,
    groupId: null,
    ...changes,
  }
}

const second = { number: 2, payload: 'BBB', fillBits: 2, lineNumber: 2 }

describe('createAssembler', () => {
  it('hands on a single sentence at once', () => {
    const assembler = createAssembler()
    const { message } = assembler.add(fragment({ total: 1, fillBits: 3 }), 0)
    expect(message).toMatchObject({ payload: 'AAA', fillBits: 3 })
    expect(assembler.pendingCount).toBe(0)
  })

  it('joins two fragments, with other sentences between them', () => {
    const assembler = createAssembler()
    expect(assembler.add(fragment({ source: 'rx', time: 5000 }), 0).message).toBeNull()
    assembler.add(fragment({ total: 1 }), 1)
    assembler.add(fragment({ sequenceId: '2' }), 2)
    const { message, dropped } = assembler.add(fragment({ ...second, source: 'rx' }), 3)
    expect(message).toEqual({
      lineNumber: 1,
      payload: 'AAABBB',
      fillBits: 2,
      own: false,
      channel: 'A',
      source: 'rx',
      time: 5000,
    })
    expect(dropped).toEqual([])
    expect(assembler.pendingCount).toBe(1)
  })

  it.each([
    ['sequence id', { sequenceId: '2' }],
    ['channel', { channel: 'B' }],
    ['source', { source: 'elsewhere' }],
    ['own ship', { own: true }],
  ])('keeps messages of another %s apart', (_, difference) => {
    const assembler = createAssembler()
    assembler.add(fragment({}), 0)
    assembler.add(fragment({ ...difference, payload: 'CCC' }), 0)
    expect(assembler.add(fragment({ ...second, ...difference }), 0).message).toMatchObject({
      payload: 'CCCBBB',
    })
    expect(assembler.add(fragment(second), 0).message).toMatchObject({ payload: 'AAABBB' })
  })

  it('hands what waits to another assembler', () => {
    const assembler = createAssembler()
    assembler.add(fragment({ source: 'rx', groupId: '77', total: 3 }), 0)
    assembler.add(fragment({ ...second, groupId: '77', total: 3, fillBits: 0 }), 1)
    assembler.add(fragment({ sequenceId: '2' }), 2)
    const next = createAssembler()
    for (const waiting of assembler.waiting()) next.add(waiting, 3)
    expect(next.pendingCount).toBe(2)
    const last = fragment({ source: 'rx', total: 3, number: 3, payload: 'CCC', fillBits: 2 })
    expect(next.add(last, 4).message).toMatchObject({ payload: 'AAABBBCCC', source: 'rx' })
    expect(next.waiting()).toMatchObject([{ sequenceId: '2' }])
  })

  it('joins a TAG group in which only the first sentence names the source', () => {
    const assembler = createAssembler()
    assembler.add(fragment({ source: 'rx', groupId: '77' }), 0)
    assembler.add(fragment({ source: 'rx', groupId: '78', sequenceId: '2' }), 0)
    const { message } = assembler.add(fragment({ ...second, groupId: '77' }), 0)
    expect(message).toMatchObject({ payload: 'AAABBB', source: 'rx' })
  })

  it('joins fragments in any order', () => {
    const parts = [1, 2, 3, 4, 5].map((number) => {
      return fragment({ total: 5, number, payload: String(number), fillBits: number === 5 ? 4 : 0 })
    })
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 5 }), (shuffled) => {
        const assembler = createAssembler()
        const results = shuffled.map((part) => assembler.add(part, 0).message)
        expect(results.slice(0, -1)).toEqual([null, null, null, null])
        expect(results.at(-1)).toMatchObject({ payload: '12345', fillBits: 4 })
      }),
    )
  })

  it('passes over a fragment that comes twice', () => {
    const assembler = createAssembler()
    assembler.add(fragment({}), 0)
    expect(assembler.add(fragment({}), 0)).toEqual({ message: null, dropped: [] })
    expect(assembler.add(fragment(second), 0).message).toMatchObject({ payload: 'AAABBB' })
  })

  it('starts over when the same number comes with another content', () => {
    const assembler = createAssembler()
    assembler.add(fragment({ lineNumber: 8 }), 0)
    const { dropped } = assembler.add(fragment({ lineNumber: 9, payload: 'NEW' }), 0)
    expect(dropped).toEqual([{ lineNumber: 8, reason: 'incomplete-message' }])
    expect(assembler.add(fragment(second), 0).message).toMatchObject({ payload: 'NEWBBB' })
  })

  it('starts over when the total differs', () => {
    const assembler = createAssembler()
    assembler.add(fragment({ total: 3 }), 0)
    expect(assembler.add(fragment(second), 0)).toMatchObject({
      message: null,
      dropped: [{ reason: 'incomplete-message' }],
    })
  })

  it('waits as long as the timeout and no longer', () => {
    const assembler = createAssembler({ timeoutMs: 1000 })
    assembler.add(fragment({}), 0)
    expect(assembler.add(fragment(second), 1000).message).not.toBeNull()
    assembler.add(fragment({ lineNumber: 4 }), 2000)
    expect(assembler.add(fragment({ ...second, lineNumber: 5 }), 3001)).toEqual({
      message: null,
      dropped: [{ lineNumber: 4, reason: 'incomplete-message' }],
    })
    expect(assembler.expire(4001)).toEqual([])
    expect(assembler.expire(4002)).toEqual([{ lineNumber: 5, reason: 'incomplete-message' }])
    expect(assembler.pendingCount).toBe(0)
  })

  it('does not join fragments whose own times lie further apart than the timeout', () => {
    const assembler = createAssembler({ timeoutMs: 1000 })
    assembler.add(fragment({ time: 10_000 }), 0)
    const { message, dropped } = assembler.add(fragment({ ...second, time: 12_000 }), 0)
    expect(message).toBeNull()
    expect(dropped).toHaveLength(1)
  })

  it('makes room by dropping the oldest', () => {
    const assembler = createAssembler({ maxPending: 2 })
    for (let line = 1; line <= 3; line++) {
      const source = `rx${line}`
      const { dropped } = assembler.add(fragment({ lineNumber: line, total: 9, source }), 0)
      expect(dropped).toEqual(line < 3 ? [] : [{ lineNumber: 1, reason: 'too-many-pending' }])
    }
    expect(assembler.pendingCount).toBe(2)
  })

  it('refuses more than any message can hold', () => {
    const assembler = createAssembler()
    assembler.add(fragment({ total: 9, payload: '0'.repeat(200) }), 0)
    expect(assembler.add(fragment({ total: 9, number: 2, payload: '0'.repeat(57) }), 0)).toEqual({
      message: null,
      dropped: [{ lineNumber: 1, reason: 'oversized-message' }],
    })
    expect(assembler.pendingCount).toBe(0)
  })

  it('gives up what is left at the end', () => {
    const assembler = createAssembler()
    assembler.add(fragment({ lineNumber: 3 }), 0)
    expect(assembler.clear()).toEqual([{ lineNumber: 3, reason: 'incomplete-message' }])
    expect(assembler.clear()).toEqual([])
  })

  it('accounts for every message, and stays within its limit, whatever comes', () => {
    const any = fc.record({
      number: fc.integer({ min: 1, max: 3 }),
      sequenceId: fc.constantFrom('1', '2', null),
      source: fc.constantFrom('a', 'b', null),
      groupId: fc.constantFrom('7', null),
      payload: fc.constantFrom('x', 'y', '0'.repeat(300)),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), fc.nat(50), (all, step) => {
        const assembler = createAssembler({ maxPending: 3, timeoutMs: 100 })
        all.forEach((changes, index) => {
          assembler.add(fragment({ total: 3, ...changes }), index * step)
          expect(assembler.pendingCount).toBeLessThanOrEqual(3)
        })
        const left = assembler.pendingCount
        expect(assembler.clear()).toHaveLength(left)
      }),
    )
  })
})
