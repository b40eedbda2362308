import { getHeapSpaceStatistics } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { releaseStartMemory } from './start-memory.ts'

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0

/** What survives makes the young generation grow, as modules and schemas do. */
const grow = (): void => {
  const kept: object[] = []
  for (let n = 0; n < 400_000; n++) kept.push({ n, text: `kept ${n}` })
  if (kept.length === 0) throw new Error('kept nothing')
}

describe('the memory that starting took', () => {
  it('is given back, the young generation too', () => {
    grow()
    const grown = youngBytes()
    const heap = process.memoryUsage().heapTotal
    releaseStartMemory()
    expect(youngBytes()).toBeLessThan(grown)
    expect(process.memoryUsage().heapTotal).toBeLessThan(heap)
  })
})
