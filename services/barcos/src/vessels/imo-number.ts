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
  if (!/^\d{7}$/.test(value)) return { fault: 'must be 7 digits, with or without IMO before them' }
  // What a transponder sends for "not available"; its check digit happens to be right.
  if (value === '0000000') return { fault: 'must be the number of a ship, not zeros' }
  const expected = imoCheckDigit(value.slice(0, 6))
  if (value.endsWith(expected)) return { value }
  return { fault: `ends with ${value.slice(6)}, where its other digits call for ${expected}` }
}
