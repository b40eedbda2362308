import type { Text } from '@porttrack/shared/http/language'

/** Shape of a container number (ISO 6346): owner, category U, J or Z, serial number, check digit. */
const containerNumber = /^[A-Z]{3}[UJZ]\d{7}$/

/**
 * Values of the letters (ISO 6346 Annex A): A is 10, and multiples of 11 are left out, since they
 * would not change the remainder.
 */
const letterValues: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 29 }, (_, index) => index + 10)
    .filter((value) => value % 11 !== 0)
    .map((value, index) => [String.fromCharCode('A'.charCodeAt(0) + index), value]),
)

/**
 * The check digit of a container number (ISO 6346 Annex A): Σ value(i)·2^i over its first ten
 * characters, modulo 11, where 10 counts as 0.
 *
 * @param start the first ten characters: four letters and six digits
 */
export const checkDigitOf = (start: string): number =>
  ([...start]
    .slice(0, 10)
    .reduce(
      (sum, character, index) =>
        sum + (letterValues.get(character) ?? Number(character)) * 2 ** index,
      0,
    ) %
    11) %
  10

/** What is wrong with a container number by ISO 6346, or null. */
export const equipmentReferenceFault = (reference: string): Text | null => {
  if (!containerNumber.test(reference)) {
    return {
      en: 'must be a container number of ISO 6346 such as CSQU3054383: owner’s three letters, U, J or Z, six digits and a check digit',
      es: 'debe ser una matrícula de contenedor de ISO 6346 como CSQU3054383: tres letras del propietario, U, J o Z, seis dígitos y un dígito de control',
    }
  }
  const expected = checkDigitOf(reference)
  const present = Number(reference.at(-1))
  return present === expected
    ? null
    : {
        en: `has the check digit ${present}, where ISO 6346 expects ${expected}`,
        es: `tiene el dígito de control ${present} y según ISO 6346 debe ser ${expected}`,
      }
}
