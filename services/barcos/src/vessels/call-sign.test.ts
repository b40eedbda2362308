import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasItuForm, readCallSign } from './call-sign.ts'

describe('a call sign', () => {
  it('is stored in capitals and without blanks', () => {
    expect(readCallSign(' ec ab7 ')).toEqual({ value: 'ECAB7' })
    expect(readCallSign('  ')).toEqual({
      fault: { en: 'must not be blank', es: 'no debe estar en blanco' },
    })
  })

  it('has at most ten characters', () => {
    const letters = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'ABC189') })
    fc.assert(
      fc.property(letters, (text) => {
        expect('value' in readCallSign(text)).toBe(text.length <= 10)
      }),
    )
  })

  it('has one of the ITU’s forms, or an unusual one', () => {
    for (const usual of [
      'NCVV',
      '9VAB2',
      'C6XS7',
      'V7QK8',
      '3FAB5',
      'WDE2345',
      'PB2345',
      'OWJI2',
    ]) {
      expect(hasItuForm(usual)).toBe(true)
    }
    for (const unusual of ['X', '12AB', 'ABCDEF', 'ABC0', 'PB0123', 'WDE1234', 'TEST-1']) {
      expect(hasItuForm(unusual)).toBe(false)
    }
  })
})
