import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imoCheckDigit, readImoNumber } from './imo-number.ts'

const firstSix = fc.integer({ min: 100_000, max: 999_999 }).map(String)
const imoNumber = firstSix.map((digits) => digits + imoCheckDigit(digits))

describe('an IMO ship number', () => {
  it('has the check digit of real ships', () => {
    for (const number of ['9074729', '9321483', '9811000', '8814275']) {
      expect(readImoNumber(number)).toEqual({ value: number })
    }
  })

  it('is taken with IMO before it and with blanks', () => {
    const spelling = fc.constantFrom('', 'IMO', 'IMO ', 'imo', ' IMO  ', 'I M O ')
    fc.assert(
      fc.property(imoNumber, spelling, fc.nat(7), (number, before, blank) => {
        const text = `${before}${number.slice(0, blank)} ${number.slice(blank)}`
        expect(readImoNumber(text)).toEqual({ value: number })
      }),
    )
  })

  it('is refused for a wrong check digit, and the expected one is named', () => {
    fc.assert(
      fc.property(imoNumber, fc.nat(6), fc.integer({ min: 1, max: 9 }), (number, place, step) => {
        const digits = [...number]
        digits[place] = String((Number(digits[place]) + step) % 10)
        const changed = digits.join('')
        const expected = imoCheckDigit(changed.slice(0, 6))
        const reading = readImoNumber(changed)
        // Weights 2, 4, 5 and 6 share a factor with 10, so the sum does not see every change.
        if (changed.endsWith(expected)) expect(reading).toEqual({ value: changed })
        else
          expect(reading).toEqual({
            fault: {
              en: expect.stringContaining(`call for ${expected}`),
              es: expect.stringContaining(`terminar en ${expected}`),
            },
          })
      }),
    )
    expect(readImoNumber('9074728')).toEqual({
      fault: {
        en: 'ends with 8, where its other digits call for 9',
        es: 'termina en 8 y por sus otros dígitos debe terminar en 9',
      },
    })
  })

  it('is nothing else, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const reading = readImoNumber(text)
        if ('value' in reading) expect(reading.value).toMatch(/^\d{7}$/)
        else expect(reading.fault).not.toBe('')
      }),
    )
    for (const text of ['', 'IMO', '907472', '90747290', '907472A', '٩٠٧٤٧٢٩', '0000000']) {
      expect(readImoNumber(text)).toHaveProperty('fault')
    }
  })
})
