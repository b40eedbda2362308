import { describe, expect, it } from 'vitest'
import { isCountry } from './country.ts'

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const pairs = letters.flatMap((first) => letters.map((second) => first + second))

describe('countries', () => {
  it('are the 249 of ISO 3166-1, each with a name of its own', () => {
    const known = pairs.filter((code) => isCountry(code))
    expect(known).toHaveLength(249)
    const names = new Intl.DisplayNames('en', { type: 'region' })
    expect(known.filter((code) => names.of(code) === code)).toEqual([])
  })

  it('are not what only looks like one', () => {
    for (const code of ['UK', 'EU', 'XX', 'ZZ', 'AN', 'SU', 'es', 'ESP', '']) {
      expect(isCountry(code)).toBe(false)
    }
  })
})
