import { expect, it } from 'vitest'
import { imoCheckDigitValid } from './imo.ts'

it.each([
  ['9074729', true],
  ['9266633', true],
  ['9074728', false],
  ['907472', false],
  ['90747290', false],
  ['907472x', false],
  ['', false],
])('imoCheckDigitValid(%j) is %s', (text, valid) => {
  expect(imoCheckDigitValid(text)).toBe(valid)
})
