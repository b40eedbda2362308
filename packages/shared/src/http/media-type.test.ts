import { describe, expect, it } from 'vitest'
import { mediaTypeFor } from './media-type.ts'

const given = (accept?: string) =>
  mediaTypeFor({ headers: accept === undefined ? {} : { accept } }, [
    'application/json',
    'text/csv',
    'application/pdf',
  ])

describe('the media type of an answer', () => {
  it('is the one that the caller likes best among those there are', () => {
    expect(given('text/csv')).toBe('text/csv')
    expect(given('text/csv;q=0.5, application/pdf')).toBe('application/pdf')
    expect(given('text/html, text/*;q=0.9, */*;q=0.1')).toBe('text/csv')
    expect(given('application/json;q=0.1, application/pdf;q=0.2')).toBe('application/pdf')
    expect(given('TEXT/CSV')).toBe('text/csv')
  })

  it('is the first for who names none or takes any', () => {
    for (const accept of [undefined, '', ' ', '*/*', 'text/html, */*;q=0.8', 'application/*']) {
      expect(given(accept)).toBe('application/json')
    }
    expect(given('application/json;q=0, */*')).toBe('text/csv')
  })

  it('is refused where there is none that the caller takes', () => {
    for (const accept of ['text/html', 'text/csv;q=0', 'csv', ';;', '*/*;q=0']) {
      expect(() => given(accept)).toThrow(
        'It can be given as application/json, text/csv or application/pdf',
      )
    }
  })
})
