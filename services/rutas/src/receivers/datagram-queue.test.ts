import { expect, it } from 'vitest'
import { createDatagramQueue } from './datagram-queue.ts'

const bytes = (text: string) => Buffer.from(text)
const read = async (queue: ReturnType<typeof createDatagramQueue>) => {
  const { done, value } = await queue.next()
  return done === true ? null : [value.station, Buffer.from(value.bytes).toString()]
}

it('hands over what waits of one sender at once, each datagram as whole lines', async () => {
  const queue = createDatagramQueue(10_000)
  for (const [text, from] of [
    ['a', 'x'],
    ['b\n', 'x'],
    ['c', 'y'],
    ['d', 'x'],
  ] as const) {
    expect(queue.push(bytes(text), from)).toBe(true)
  }
  queue.end()
  expect(queue.push(bytes('late'), 'x')).toBe(false)
  expect(await read(queue)).toEqual(['x', 'a\nb\n'])
  expect(await read(queue)).toEqual(['y', 'c\n'])
  expect(await read(queue)).toEqual(['x', 'd\n'])
  expect(await read(queue)).toBeNull()
})

it('refuses what it has no room for, and has room again when it was read', async () => {
  const queue = createDatagramQueue(1_000)
  let taken = 0
  while (queue.push(bytes('0123456789'), 'x')) taken += 1
  expect(taken).toBeGreaterThan(0)
  expect(taken).toBeLessThan(100)
  await read(queue)
  expect(queue.push(bytes('again'), 'x')).toBe(true)
})

it('lets a reader wait for the next', async () => {
  const queue = createDatagramQueue(1_000)
  const next = read(queue)
  queue.push(bytes('a'), 'x')
  expect(await next).toEqual(['x', 'a\n'])
})
