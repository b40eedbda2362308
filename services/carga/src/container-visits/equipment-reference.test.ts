import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDigitOf, equipmentReferenceFault } from './equipment-reference.ts'

const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
const start = fc
  .tuple(
    fc.string({ unit: letter, minLength: 3, maxLength: 3 }),
    fc.constantFrom('U', 'J', 'Z'),
    fc.integer({ min: 0, max: 999_999 }),
  )
  .map(([owner, category, serial]) => `${owner}${category}${String(serial).padStart(6, '0')}`)

describe('a container number', () => {
  it('is valid with the check digit of ISO 6346', () => {
    // APZU4812090 has the remainder 10, which counts as 0.
    for (const reference of ['CSQU3054383', 'MWCU6059784', 'APZU4812090']) {
      expect(equipmentReferenceFault(reference)).toBeNull()
    }
  })

  it('is refused with another, and the expected one is named', () => {
    expect(equipmentReferenceFault('HLXU1234567')).toEqual({
      en: 'has the check digit 7, where ISO 6346 expects 1',
      es: 'tiene el dígito de control 7 y según ISO 6346 debe ser 1',
    })
  })

  it('is refused in any other shape', () => {
    for (const reference of ['', 'CSQU305438', 'CSQA3054383', 'csqu3054383', 'CSQU30543830']) {
      expect(equipmentReferenceFault(reference)?.en).toContain('ISO 6346')
    }
  })

  it('has exactly one check digit', () => {
    fc.assert(
      fc.property(start, (ten) => {
        const valid = Array.from({ length: 10 }, (_, digit) => `${ten}${digit}`).filter(
          (reference) => equipmentReferenceFault(reference) === null,
        )
        expect(valid).toEqual([`${ten}${checkDigitOf(ten)}`])
      }),
    )
  })

  it('shows every single wrong digit, but 0 for the remainder 10', () => {
    fc.assert(
      fc.property(start, fc.nat(5), fc.integer({ min: 1, max: 9 }), (ten, place, more) => {
        const at = 4 + place
        const wrong = `${ten.slice(0, at)}${(Number(ten[at]) + more) % 10}${ten.slice(at + 1)}`
        const digits = [checkDigitOf(ten), checkDigitOf(wrong)]
        expect(digits[0] !== digits[1] || digits[0] === 0).toBe(true)
      }),
    )
  })
})
