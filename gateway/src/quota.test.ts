import { describe, expect, it } from 'vitest'
import { Quota } from './quota.ts'

/** A quota of 3 requests in a second, and its clock. */
const quotaOf = () => {
  const time = { now: 5_000 }
  const quota = new Quota({ name: 'caller', requests: 3, window: 1_000 }, () => time.now)
  const take = (key: string, times: number) =>
    Array.from({ length: times }, () => quota.take(key).allowed)
  return { quota, time, take }
}

describe('a quota', () => {
  it('lets through as many as it holds, for each key by itself', () => {
    const { quota, take } = quotaOf()
    expect(take('a', 4)).toEqual([true, true, true, false])
    expect(quota.take('b')).toEqual({ allowed: true, remaining: 2, endsIn: 1_000 })
  })

  it('begins anew when the window ends, refused requests or not', () => {
    const { quota, time, take } = quotaOf()
    take('a', 3)
    time.now += 999
    expect(quota.take('a')).toEqual({ allowed: false, remaining: 0, endsIn: 1 })
    time.now += 1
    expect(quota.take('a')).toEqual({ allowed: true, remaining: 2, endsIn: 1_000 })
  })

  it('takes back what did not count after all', () => {
    const { quota, take } = quotaOf()
    take('a', 3)
    quota.giveBack('a')
    expect(take('a', 2)).toEqual([true, false])
    quota.collect()
    quota.giveBack('a')
    expect(quota.untold(10)).toEqual([{ key: 'a', requests: -1 }])
    quota.giveBack('unknown')
  })

  it('forgets the oldest keys rather than grow', () => {
    const { quota, take } = quotaOf()
    take('first', 3)
    for (let key = 0; key < 100_000; key += 1) quota.take(String(key))
    expect(take('first', 1)).toEqual([true])
    expect(take('99999', 3)).toEqual([true, true, false])
  })
})

describe('a quota that is shared', () => {
  it('tells each request once, and only those that were let through', () => {
    const { quota, take } = quotaOf()
    quota.collect()
    take('a', 5)
    take('b', 1)
    expect(quota.untold(10)).toEqual([
      { key: 'a', requests: 3 },
      { key: 'b', requests: 1 },
    ])
    expect(quota.untold(10)).toEqual([])
  })

  it('tells the rest the next time when there is much', () => {
    const { quota, take } = quotaOf()
    quota.collect()
    for (const key of ['a', 'b', 'c']) take(key, 1)
    expect(quota.untold(2).map(({ key }) => key)).toEqual(['a', 'b'])
    expect(quota.untold(2).map(({ key }) => key)).toEqual(['c'])
  })

  it('goes by what all have counted, and by the window that all share', () => {
    const { quota, time, take } = quotaOf()
    quota.collect()
    take('a', 1)
    quota.untold(10)
    take('a', 1)
    quota.adopt('a', { used: 2, endsIn: 300 })
    expect(quota.take('a')).toEqual({ allowed: false, remaining: 0, endsIn: 300 })
    time.now += 300
    expect(take('a', 4)).toEqual([true, true, true, false])
  })

  it('tells again what could not be told, unless its window has ended', () => {
    const { quota, time, take } = quotaOf()
    quota.collect()
    take('a', 2)
    const [untold] = quota.untold(10)
    if (!untold) throw new Error('nothing to tell')
    quota.keep(untold)
    expect(quota.untold(10)).toEqual([untold])
    quota.keep(untold)
    time.now += 1_000
    expect(quota.untold(10)).toEqual([])
  })
})
