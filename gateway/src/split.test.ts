import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { trackOf, watchSplit } from './split.ts'

const callers = Array.from({ length: 10_000 }, (_, n) => ({
  kind: 'user' as const,
  subject: `0192f3a0-${n}`,
}))
const inCanary = (service: string, weight: number) =>
  new Set(callers.filter((caller) => trackOf(service, caller, weight) === 'canary'))

describe('the share of a canary', () => {
  it('is the weight, for whole and for part percents', () => {
    for (const weight of [0, 0.5, 5, 25, 50, 100]) {
      const share = inCanary('barcos', weight).size / 100
      expect(Math.abs(share - weight)).toBeLessThan(1.5)
    }
    expect(inCanary('barcos', 0).size).toBe(0)
    expect(inCanary('barcos', 100).size).toBe(callers.length)
  })

  it('keeps who has it already as it grows', () => {
    const [few, more] = [inCanary('barcos', 5), inCanary('barcos', 25)]
    expect([...few].every((caller) => more.has(caller))).toBe(true)
  })

  it('is of other callers for another service', () => {
    const [barcos, carga] = [inCanary('barcos', 20), inCanary('carga', 20)]
    const both = [...barcos].filter((caller) => carga.has(caller)).length
    expect(Math.abs(both / callers.length - 0.04)).toBeLessThan(0.01)
  })
})

describe('a service’s file', () => {
  let path: string
  let faults: string[]
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'split-')), 'barcos.json')
    faults = []
  })
  afterEach(() => rmSync(join(path, '..'), { recursive: true }))

  const address = 'http://barcos:8101/'
  const watch = ({ secure = false } = {}) =>
    watchSplit(path, {
      address,
      secure,
      onFault: (error) => faults.push((error as Error).message),
    })
  const write = (content: unknown) => writeFileSync(path, JSON.stringify(content))
  const whole = { stable: 'http://barcos:8101', canary: null, weight: 0 }

  it('may be missing, and come later', async () => {
    const split = watch()
    expect(split()).toEqual(whole)
    write({ stable: 'http://a', canary: 'http://b:81/', weight: 5 })
    await expect
      .poll(split, { timeout: 10_000 })
      .toEqual({ stable: 'http://a', canary: 'http://b:81', weight: 5 })
    expect(watchSplit(null, { address, secure: false, onFault: () => undefined })()).toEqual(whole)
  })

  it('has no weight without a canary', () => {
    write({ stable: 'http://a', canary: null, weight: 50 })
    expect(watch()()).toEqual({ stable: 'http://a', canary: null, weight: 0 })
  })

  it('names no plain address where certificates are wanted', () => {
    write({ stable: 'https://a', canary: 'http://b', weight: 5 })
    expect(watch({ secure: true })()).toEqual(whole)
    expect(faults).toEqual([expect.stringContaining('not http://b')])
    write({ stable: 'https://a', canary: 'https://b', weight: 5 })
    expect(watch({ secure: true })()).toMatchObject({ canary: 'https://b', weight: 5 })
  })

  it('is refused with the place of its fault, and what was known stays', async () => {
    for (const broken of [
      { stable: 'http://a', weight: 101 },
      { stable: 'ftp://a', weight: 0 },
      { stable: 'http://a', weight: 5, extra: 1 },
      'text',
    ]) {
      write(broken)
      const split = watch()
      expect(split()).toEqual(whole)
      expect(split()).toEqual(whole)
    }
    expect(faults).toHaveLength(4)
    write({ stable: 'http://a', canary: 'http://b', weight: 5 })
    const split = watch()
    split()
    unlinkSync(path)
    await expect.poll(() => [split().weight, faults.length], { interval: 200 }).toEqual([5, 5])
  })
})
