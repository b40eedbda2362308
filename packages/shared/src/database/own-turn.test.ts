import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inOwnTurn } from './own-turn.ts'

const work = (milliseconds: number): void => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

it('goes on at once as long as there is little to do', async () => {
  const done: number[] = []
  for (const n of [1, 2, 3]) inOwnTurn(() => done.push(n))
  expect(done).toEqual([1, 2, 3])
  await nextTurn()
})

it('goes on with one a turn, in order, once the share of a turn is used', async () => {
  const done: number[] = []
  inOwnTurn(() => work(10))
  for (const n of [1, 2, 3]) inOwnTurn(() => done.push(n))
  const seen: number[][] = []
  for (let turn = 0; turn < 4; turn++) {
    seen.push([...done])
    await nextTurn()
  }
  expect(seen).toEqual([[], [1], [1, 2], [1, 2, 3]])
  inOwnTurn(() => done.push(4))
  expect(done).toEqual([1, 2, 3, 4])
})
