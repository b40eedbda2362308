import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathFor } from './path.ts'

const tried = (url: string) => {
  try {
    return pathFor('barcos', url)
  } catch {
    return null
  }
}

describe('pathFor', () => {
  it('takes the prefix off and tells the path from the query', () => {
    expect(pathFor('barcos', '/barcos/v1/vessels?name=a')).toEqual({
      path: '/v1/vessels',
      target: '/v1/vessels?name=a',
    })
    expect(pathFor('barcos', '/barcos/')).toEqual({ path: '/', target: '/' })
  })

  it('lets nothing through that a URL parser or a decoder reads as another path', () => {
    const piece = fc.constantFrom(
      '.',
      '..',
      '/',
      '%2e',
      '%2E',
      '%2f',
      '%5c',
      '\\',
      '%00',
      '%25',
      'v1',
      'a',
      '?',
      '#',
      '%',
      ';',
      ' ',
      'é',
      '\u0001',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const accepted = tried(`/barcos/${pieces.join('')}`)
        if (accepted === null) return
        const { path, target } = accepted
        const parsed = new URL(target, 'http://service')
        expect(parsed.host).toBe('service')
        expect(parsed.pathname).toBe(path)
        expect(parsed.hash).toBe('')
        const decoded = decodeURIComponent(path)
        expect(new URL(encodeURI(decoded), 'http://service').pathname).not.toMatch(/\/\//)
        expect(decoded.split('/')).not.toContain('..')
        expect(decoded.split('/')).not.toContain('.')
        expect(decoded.split('/')).toHaveLength(path.split('/').length)
      }),
      { numRuns: 5_000 },
    )
  })

  it('takes every path of unreserved segments', () => {
    const segment = fc.stringMatching(/^[\w~-]{1,12}$/)
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const path = `/${segments.join('/')}`
        expect(tried(`/barcos${path}`)).toEqual({ path, target: path })
      }),
    )
  })
})
