import type { Reading } from './identifier.ts'

/** DCSA's limit, in characters. */
const maximumLength = 10

/**
 * The forms that ITU Radio Regulations 19.55 and 19.56 give to ship stations: two characters and two
 * letters, perhaps with a digit; two characters and four digits; two characters, a letter and four
 * digits. One of the first two characters may be a digit; the first of the last digits is not 0 or 1.
 */
const ituForms = /^(?:[A-Z]{2}|[A-Z]\d|\d[A-Z])(?:[A-Z]{2}[2-9]?|[2-9]\d{3}|[A-Z][2-9]\d{3})$/

/** Reads a call sign: capitals, without blanks, 1 to 10 characters. */
export const readCallSign = (text: string): Reading => {
  const value = text.replace(/\s/g, '').toUpperCase()
  if (value === '') {
    return { fault: { en: 'must not be blank', es: 'no debe estar en blanco' } }
  }
  if (value.length > maximumLength) {
    return {
      fault: {
        en: `must be at most ${maximumLength} characters`,
        es: `debe tener ${maximumLength} caracteres como máximo`,
      },
    }
  }
  return { value }
}

/** Whether a call sign has a form that the ITU gives to ships; some real ones have not. */
export const hasItuForm = (callSign: string): boolean => ituForms.test(callSign)
