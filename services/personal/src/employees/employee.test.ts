import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameKeyOf } from './employee.ts'

describe('the key of a name', () => {
  it('has neither small letters nor accents nor double blanks', () => {
    expect(nameKeyOf('Muñoz  de la Peña')).toBe('MUNOZ DE LA PENA')
    expect(nameKeyOf('Groß')).toBe('GROSS')
    expect(nameKeyOf('Ångström')).toBe('ANGSTROM')
  })

  it('stays as it is when made again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        expect(nameKeyOf(nameKeyOf(name))).toBe(nameKeyOf(name))
      }),
    )
  })
})
