import fc from 'fast-check'
import { expect, it } from 'vitest'
import { longestMatch } from './pattern-length.ts'

it.each([
  ['^[A-Z]{2}[A-Z2-9]{3}$', 5],
  ['^[A-Z0-9](?:[A-Z0-9./-]{0,18}[A-Z0-9])?$', 20],
  [String.raw`^\+[1-9]\d{6,14}$`, 16],
  [String.raw`^[^\p{Cc}\s]{1,10}$`, 10],
  ['^(?:a|bcd|ef)$', 3],
  ['^a$|^bc$', 2],
  ['^(?=.*x)a{3}$', 3],
  ['^[A-Z]+$', Infinity],
  ['^[A-Z]{5}', Infinity],
  ['[A-Z]{5}$', Infinity],
  ['^a$|b', Infinity],
])('%s takes at most %d characters', (pattern, length) => {
  expect(longestMatch(pattern)).toBe(length)
})

it('is never less than what a pattern takes', () => {
  const pattern = /^(?:[a-c]{1,3}-?){2}(?:x|yz)?\d{0,4}$/
  const most = longestMatch(pattern.source)
  expect(most).toBe(14)
  fc.assert(fc.property(fc.stringMatching(pattern), (text) => text.length <= most))
})
