import { describe, expect, it } from 'vitest'
import { unLocationCodeFault } from './un-location-code.ts'

describe('a UN/LOCODE', () => {
  it('is a country and three letters or digits 2 to 9', () => {
    for (const code of ['ESALG', 'NLRTM', 'US2AB', 'DE9Z8']) {
      expect(unLocationCodeFault(code)).toBeNull()
    }
    for (const code of ['ESAL', 'ESALGX', 'esalg', 'ES AL', 'ESAL1', 'ESAL0', '1SALG', 'ESALG\n']) {
      expect(unLocationCodeFault(code)?.en).toContain('UN/LOCODE')
    }
  })

  it('is in a country that exists', () => {
    expect(unLocationCodeFault('ZZALG')).toEqual({
      en: 'names the country ZZ, which ISO 3166 does not know',
      es: 'nombra el país ZZ, que la norma ISO 3166 no conoce',
    })
  })
})
