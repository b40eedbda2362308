import { describe, expect, it } from 'vitest'
import { createSecretBox } from './secret-box.ts'

const first = 'the first key of 32 characters or more'
const second = 'the second key of 32 characters or more'

describe('a box for secrets', () => {
  it('gives back what it sealed, and never seals alike', () => {
    const box = createSecretBox(first)
    const sealed = box.seal('whsec_abc', 'hook')
    expect(box.open(sealed, 'hook')).toBe('whsec_abc')
    expect(sealed).not.toContain('abc')
    expect(box.seal('whsec_abc', 'hook')).not.toBe(sealed)
  })

  it('refuses what was changed, or belongs to another', () => {
    const box = createSecretBox(first)
    const sealed = box.seal('whsec_abc', 'hook')
    expect(() => box.open(sealed, 'other')).toThrow()
    const last = sealed.at(-3) === 'A' ? 'B' : 'A'
    expect(() => box.open(`${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`, 'hook')).toThrow()
    expect(() => box.open(sealed.slice(0, -8), 'hook')).toThrow()
  })

  it('opens what the key before has sealed while that is named, and seals with the new one', () => {
    const sealed = createSecretBox(first).seal('whsec_abc', 'hook')
    const both = createSecretBox(`${second}, ${first}`)
    expect(both.open(sealed, 'hook')).toBe('whsec_abc')
    expect(sealed.startsWith(both.prefix)).toBe(false)
    const renewed = both.seal('whsec_abc', 'hook')
    expect(renewed.startsWith(both.prefix)).toBe(true)
    expect(createSecretBox(second).open(renewed, 'hook')).toBe('whsec_abc')
    expect(() => createSecretBox(second).open(sealed, 'hook')).toThrow('key that is not known')
  })

  it.each(['', 'short', `${first},short`])('takes no key as short as "%s"', (setting) => {
    expect(() => createSecretBox(setting)).toThrow('WEBHOOK_KEY is needed')
  })
})
