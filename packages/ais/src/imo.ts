/**
 * Whether a text is seven digits whose last is the check digit of an IMO ship number
 * (IMO Res. A.1117(30)).
 */
export function imoCheckDigitValid(text: string): boolean {
  if (!/^\d{7}$/.test(text)) return false
  let sum = 0
  for (let index = 0; index < 6; index++) sum += (7 - index) * Number(text[index])
  return sum % 10 === Number(text[6])
}
