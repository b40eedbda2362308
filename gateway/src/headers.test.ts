import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerHeaders, forwardedHeaders, ownHeaders } from './headers.ts'

describe('forwardedHeaders', () => {
  it('lets no name through that only the gateway may use', () => {
    const part = fc.constantFrom(
      'x',
      'porttrack',
      'forwarded',
      'real',
      'ip',
      'for',
      'user',
      'host',
      '-',
      '_',
    )
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const name = parts.join('')
        const asOthersRead = name.replaceAll('_', '-')
        const reserved = /^(x-porttrack-|x-forwarded-|forwarded$|x-real-ip$|host$)/.test(
          asOthersRead,
        )
        fc.pre(reserved)
        expect(forwardedHeaders({ [name]: 'evil' })).toEqual([])
      }),
      { numRuns: 5_000 },
    )
  })

  it('drops what the Connection header names', () => {
    const headers = { connection: 'close, X-Hop', 'x-hop': '1', 'x-end': '2' }
    expect(forwardedHeaders(headers)).toEqual(['x-end', '2'])
  })
})

describe('answerHeaders', () => {
  const sent = (headers: Record<string, string>) =>
    answerHeaders(Object.entries(headers).flat(), {
      own: ownHeaders({ etag: 'own' }),
      service: 'barcos',
      origin: 'http://10.0.0.1:81',
    })

  it.each([
    ['/v1/x', '/barcos/v1/x'],
    ['http://10.0.0.1:81/v1/x', '/barcos/v1/x'],
    ['http://10.0.0.1:810/v1/x', null],
    ['//evil.example', null],
    ['/\\evil.example', null],
    ['http://evil.example/', null],
    ['relative', null],
  ])('gives %s as %s', (location, expected) => {
    expect(sent({ location })).toEqual(['etag', 'own', ...(expected ? ['location', expected] : [])])
  })

  it('lets a service replace nothing of the gateway’s', () => {
    expect(sent({ etag: 'theirs' })).toEqual(['etag', 'own'])
  })
})
