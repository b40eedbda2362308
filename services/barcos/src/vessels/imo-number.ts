import type { Reading } from './identifier.ts'

/** The digit that must follow the first six of an IMO ship number (IMO Res. A.1117(30)). */
export const imoCheckDigit = (firstSix: string): string => {
  const sum = [...firstSix].reduce((total, digit, index) => total + (7 - index) * Number(digit), 0)
  return String(sum % 10)
}

/**
 * Reads an IMO ship number, with or without `IMO` before it and blanks anywhere, into its 7 digits
 * (IMO Res. A.1117(30)).
 */
export const readImoNumber = (text: string): Reading => {
  const value = text.replace(/\s/g, '').replace(/^IMO/i, '')
  if (!/^\d{7}$/.test(value)) {
    return {
      fault: {
        en: 'must be 7 digits, with or without IMO before them',
        es: 'debe tener 7 dígitos, con o sin IMO delante',
      },
    }
  }
  // What a transponder sends for "not available"; its check digit happens to be right.
  if (value === '0000000') {
    return {
      fault: {
        en: 'must be the number of a ship, not zeros',
        es: 'debe ser el número de un buque, no ceros',
      },
    }
  }
  const expected = imoCheckDigit(value.slice(0, 6))
  if (value.endsWith(expected)) return { value }
  const last = value.slice(6)
  return {
    fault: {
      en: `ends with ${last}, where its other digits call for ${expected}`,
      es: `termina en ${last} y por sus otros dígitos debe terminar en ${expected}`,
    },
  }
}
