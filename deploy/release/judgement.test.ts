import { describe, expect, it } from 'vitest'
import { canaryChecks } from './analysis.ts'
import { judge } from './judgement.ts'

const good: Record<string, number | null> = {
  requests: 500,
  'stable-requests': 9_500,
  'success-rate': 0.99,
  'error-difference': 0.005,
  p99: 1,
  'p99-ratio': 2.5,
  'mean-ratio': 1.25,
  'event-loop-lag': 0.25,
  restarts: 0,
}

const verdictOf = (changes: Record<string, number | null>) =>
  judge(canaryChecks, new Map(Object.entries({ ...good, ...changes })), 500)

describe('what figures mean', () => {
  it('passes on its bounds', () => {
    expect(verdictOf({})).toMatchObject({ verdict: 'passed' })
  })

  const each = Object.keys(good).filter((name) => !name.endsWith('requests'))
  it.each(each)('never passes without %s', (name) => {
    expect(verdictOf({ [name]: null })).toMatchObject({
      verdict: 'failed',
      why: expect.stringContaining(`${name} has no value`) as string,
    })
    expect(verdictOf({ [name]: NaN })).toMatchObject({ verdict: 'failed' })
  })

  it.each(each.filter((name) => name !== 'success-rate'))('fails on a higher %s', (name) => {
    expect(verdictOf({ [name]: (good[name] ?? 0) + 0.01 })).toMatchObject({ verdict: 'failed' })
    expect(verdictOf({ [name]: Infinity })).toMatchObject({ verdict: 'failed' })
  })

  it.each(['requests', 'stable-requests'])('is inconclusive with too few %s', (name) => {
    for (const few of [0, 499, null, NaN]) {
      expect(verdictOf({ [name]: few, 'success-rate': 0, 'mean-ratio': NaN })).toMatchObject({
        verdict: 'inconclusive',
        why: expect.stringContaining(name) as string,
      })
    }
  })

  it('fails on what needs no traffic, with too little of it', () => {
    expect(verdictOf({ requests: 0, restarts: 1 })).toMatchObject({ verdict: 'failed' })
    expect(verdictOf({ requests: 0, 'event-loop-lag': null })).toMatchObject({ verdict: 'failed' })
  })
})
