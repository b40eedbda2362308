import { describe, expect, it } from 'vitest'
import { languageOf, listed } from './language.ts'

const reads = (header?: string) =>
  languageOf({ headers: header === undefined ? {} : { 'accept-language': header } })

describe('the language of a caller', () => {
  it('is the one that is preferred among those there are', () => {
    expect(reads('es')).toBe('es')
    expect(reads('es-MX,es;q=0.9,en;q=0.8')).toBe('es')
    expect(reads('fr-FR, es;q=0.7, en;q=0.5')).toBe('es')
    expect(reads('en-GB,en;q=0.9,es;q=0.1')).toBe('en')
    expect(reads('es;q=0, *')).toBe('en')
  })

  it('is English when none is asked for, or none that there is', () => {
    for (const header of [undefined, '', '*', 'fr', ';;;', 'es;q=0', 'x'.repeat(5_000)]) {
      expect(reads(header)).toBe('en')
    }
  })
})

describe('a list of names', () => {
  it('reads as in speech', () => {
    expect(listed(['A'], 'or')).toEqual({ en: 'A', es: 'A' })
    expect(listed(['A', 'B', 'C'], 'or')).toEqual({ en: 'A, B or C', es: 'A, B o C' })
    expect(listed(['A', 'B'], 'and')).toEqual({ en: 'A and B', es: 'A y B' })
  })
})
