import { describe, expect, it } from 'vitest'
import { Secret } from '../service/secret.ts'
import { createSecretBox } from './secret-box.ts'

const box = (setting: string) => createSecretBox(new Secret(() => setting))
const first = 'the first key of 32 characters or more'
const second = 'the second key of 32 characters or more'

describe('a box for secrets', () => {
  it('gives back what it sealed, and never seals alike', () => {
    const own = box(first)
    const sealed = own.seal('whsec_abc', 'hook')
    expect(own.open(sealed, 'hook')).toBe('whsec_abc')
    expect(sealed).not.toContain('abc')
    expect(own.seal('whsec_abc', 'hook')).not.toBe(sealed)
  })

  it('refuses what was changed, or belongs to another', () => {
    const own = box(first)
    const sealed = own.seal('whsec_abc', 'hook')
    expect(() => own.open(sealed, 'other')).toThrow()
    const last = sealed.at(-3) === 'A' ? 'B' : 'A'
    expect(() => own.open(`${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`, 'hook')).toThrow()
    expect(() => own.open(sealed.slice(0, -8), 'hook')).toThrow()
  })

  it('opens what the key before has sealed while that is named, and seals with the new one', () => {
    const sealed = box(first).seal('whsec_abc', 'hook')
    const both = box(`${second}, ${first}`)
    expect(both.open(sealed, 'hook')).toBe('whsec_abc')
    expect(sealed.startsWith(both.prefix)).toBe(false)
    const renewed = both.seal('whsec_abc', 'hook')
    expect(renewed.startsWith(both.prefix)).toBe(true)
    expect(box(second).open(renewed, 'hook')).toBe('whsec_abc')
    expect(() => box(second).open(sealed, 'hook')).toThrow('key that is not known')
  })

  it('goes on with a new key as soon as the setting has one', () => {
    let setting = first
    const live = createSecretBox(new Secret(() => setting))
    const sealed = live.seal('whsec_abc', 'hook')
    setting = `${second},${first}`
    expect(live.open(sealed, 'hook')).toBe('whsec_abc')
    const renewed = live.seal('whsec_abc', 'hook')
    setting = second
    expect(live.open(renewed, 'hook')).toBe('whsec_abc')
    expect(() => live.open(sealed, 'hook')).toThrow('key that is not known')
  })
})
