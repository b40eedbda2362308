import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCountry } from '@porttrack/shared/places/country'
import { countryOfMid } from './maritime-identification-digits.ts'
import { countryOfMmsiNumber, readMmsiNumber } from './mmsi-number.ts'

const everyMid = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'))
const knownMids = everyMid.filter((mid) => countryOfMid(mid) !== null)

describe('maritime identification digits', () => {
  it('lie from 201 to 775 and belong to countries that exist', () => {
    expect(knownMids).toHaveLength(292)
    expect(knownMids[0]).toBe('201')
    expect(knownMids.at(-1)).toBe('775')
    expect(knownMids.filter((mid) => !isCountry(countryOfMid(mid) ?? ''))).toEqual([])
  })

  it('are those of well-known flags', () => {
    const expected = {
      224: 'ES',
      538: 'MH',
      636: 'LR',
      352: 'PA',
      477: 'HK',
      740: 'FK',
      550: 'TL',
      638: 'SS',
    }
    for (const [mid, country] of Object.entries(expected)) {
      expect(countryOfMid(mid)).toBe(country)
    }
  })
})

describe('the MMSI of a ship', () => {
  it('is a known MID and six digits', () => {
    const six = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, '0'))
    fc.assert(
      fc.property(fc.constantFrom(...everyMid), six, (mid, rest) => {
        const reading = readMmsiNumber(mid + rest)
        if (knownMids.includes(mid)) {
          expect(reading).toEqual({ value: mid + rest })
          expect(countryOfMmsiNumber(mid + rest)).toBe(countryOfMid(mid))
        } else expect(reading).toHaveProperty('fault')
      }),
      { numRuns: 500 },
    )
  })

  it('is not that of another station, which is named', () => {
    const others = {
      '022412345': 'a group of ships',
      '002240001': 'a coast station',
      '111224001': 'a search and rescue aircraft',
      '822412345': 'a handheld radio',
      '982241234': 'a craft of a parent ship',
      '992241234': 'an aid to navigation',
      '970123456': 'a search and rescue transmitter',
      '972123456': 'a man overboard device',
      '974123456': 'an EPIRB',
    }
    for (const [number, station] of Object.entries(others)) {
      expect(readMmsiNumber(number)).toMatchObject({
        fault: { en: `has the form of ${station}, not of a ship` },
      })
    }
    expect(readMmsiNumber('200123456')).toEqual({
      fault: {
        en: 'begins with 200, the MID of no country',
        es: 'empieza por 200, que no es el MID de ningún país',
      },
    })
    for (const text of ['', '22400000', '2240000011', '22400000x']) {
      expect(readMmsiNumber(text)).toEqual({
        fault: { en: 'must be 9 digits', es: 'debe tener 9 dígitos' },
      })
    }
  })
})
