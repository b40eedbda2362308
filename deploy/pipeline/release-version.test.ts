import { describe, expect, it } from 'vitest'
import {
  canaryTags,
  isAttempt,
  newestRelease,
  nextVersion,
  revisionTag,
  stableTags,
} from './release-version.ts'

describe('the next version of a service', () => {
  it.each([
    ['the one of its package.json', '1.1.0', [], '1.1.0'],
    ['the next patch when that was released', '1.1.0', ['barcos/v1.1.0'], '1.1.1'],
    [
      'after the highest patch, not the last tag',
      '1.1.0',
      ['barcos/v1.1.10', 'barcos/v1.1.9'],
      '1.1.11',
    ],
    ['a minor version that was raised', '1.2.0', ['barcos/v1.1.4'], '1.2.0'],
    ['a patch that was raised by hand', '1.1.7', ['barcos/v1.1.4'], '1.1.7'],
    ['a fix of an older line', '1.1.0', ['barcos/v1.1.4', 'barcos/v2.0.0'], '1.1.5'],
    ['not counting other services', '1.1.0', ['carga/v1.1.0', 'barcosx/v1.1.0'], '1.1.0'],
    [
      'not counting canaries and other tags',
      '1.1.0',
      ['barcos/v1.1.0-canary.2', 'barcos/v1'],
      '1.1.0',
    ],
  ])('is %s', (_, manifest, tags, version) => {
    expect(nextVersion('barcos', { manifest, tags })).toBe(version)
  })

  it.each(['1.1', 'v1.1.0', '1.1.0-rc.1', '01.1.0', ''])('is refused from "%s"', (manifest) => {
    expect(() => nextVersion('barcos', { manifest, tags: [] })).toThrow('no version like 1.2.3')
  })
})

describe('the newest release of a service', () => {
  it('is the highest version, or none', () => {
    const tags = ['barcos/v1.9.0', 'barcos/v1.10.0', 'barcos/v1.2.11', 'carga/v2.0.0']
    expect(newestRelease('barcos', tags)).toBe('barcos/v1.10.0')
    expect(newestRelease('rutas', tags)).toBeNull()
  })
})

describe('the tags of an image', () => {
  it('tell attempts at a version apart, and one moves along', () => {
    const [first, again] = [1, 2].map((repetition) => canaryTags('1.1.0', { run: 3, repetition }))
    expect(first).toEqual(['v1.1.0-canary.3', 'v1.1-canary'])
    expect(again).toEqual(['v1.1.0-canary.3.2', 'v1.1-canary'])
    expect(() => canaryTags('1.1.0', { run: Number('x'), repetition: 1 })).toThrow('no attempt')
    expect(() => canaryTags('1.1.0', { run: 3, repetition: 0 })).toThrow('no attempt')
  })

  it.each([
    ['v1.1.0-canary.3', true],
    ['v1.1.0-canary.3.2', true],
    ['v1.1-canary', false],
    ['sha-0123456789ab', false],
  ])('%s is of one attempt: %s', (tag, expected) => {
    expect(isAttempt(tag)).toBe(expected)
  })

  it.each([
    ['all lines, of the newest version', '1.1.0', ['barcos/v1.0.9'], ['v1.1.0', 'v1.1', 'v1']],
    ['its own, of a fix of an older line', '1.0.10', ['barcos/v1.1.0'], ['v1.0.10', 'v1.0']],
    ['none, of what is older than its line', '1.0.8', ['barcos/v1.0.9'], ['v1.0.8']],
    ['the same when promoted again', '1.1.0', ['barcos/v1.1.0'], ['v1.1.0', 'v1.1', 'v1']],
    ['no other major version', '1.1.0', ['barcos/v2.0.0'], ['v1.1.0', 'v1.1', 'v1']],
  ])('move those of %s', (_, version, tags, expected) => {
    expect(stableTags('barcos', { version, tags })).toEqual(expected)
  })

  it('name the commit', () => {
    expect(revisionTag('0123456789abcdef0123456789abcdef01234567')).toBe('sha-0123456789ab')
    expect(() => revisionTag('main')).toThrow('no commit')
  })
})
