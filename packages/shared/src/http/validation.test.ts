import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { inLanguage } from './language.ts'
import { faultsOf, strictAjv } from './validation.ts'

const shape = (type: string, coordinates: ReturnType<typeof Type.Array>) =>
  Type.Object({ type: Type.Literal(type), coordinates }, { additionalProperties: false })
const schema = Type.Object({
  geometry: Type.Union([
    shape('Point', Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })),
    shape('LineString', Type.Array(Type.Array(Type.Number()))),
  ]),
  mood: Type.Optional(Type.Union([Type.Literal('good'), Type.Literal('bad')])),
  state: Type.Optional(Type.Union([Type.Enum(['OPEN', 'CLOSED']), Type.Null()])),
  wind: Type.Optional(Type.Union([Type.Literal('on'), Type.Literal('off'), Type.Null()])),
  place: Type.Optional(
    Type.Union([
      Type.Object({ name: Type.String({ minLength: 2 }) }, { additionalProperties: false }),
      Type.Null(),
    ]),
  ),
})

const faults = (value: unknown) => {
  const check = strictAjv(false).compile(schema)
  check(value)
  return faultsOf(check.errors ?? [], (path) => `#${path}`).map(
    ({ pointer, detail }) => `${pointer} ${inLanguage(detail, 'en')}`,
  )
}

const told = (schema: object, value: unknown) => {
  const check = strictAjv(false).compile(schema)
  check(value)
  return faultsOf(check.errors ?? [], (path) => `#${path}`).map(({ detail }) => detail)
}

describe('what a fault is told as', () => {
  it.each([
    [
      { type: 'string', pattern: '^[A-Z]{2}[A-Z2-9]{3}$', examples: ['ESALG'] },
      'algeciras',
      'must be 2 capital letters (A–Z), then 3 capital letters (A–Z) or 2–9, such as ESALG',
      'debe ser 2 letras mayúsculas (A–Z), luego 3 letras mayúsculas (A–Z) o 2–9, como ESALG',
    ],
    [
      { type: 'string', pattern: String.raw`^\d{9}$` },
      'x',
      'must be 9 digits',
      'debe ser 9 cifras',
    ],
    [
      { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' },
      'Acme',
      'must be 1 small letter (a–z) or digit, then 0 to 62 small letters (a–z), digits or "-"',
      'debe ser 1 letra minúscula (a–z) o cifra, luego de 0 a 62 letras minúsculas (a–z), cifras o "-"',
    ],
    [
      { type: 'string', pattern: '^(?:a|b)+$', examples: ['abba'] },
      'c',
      'must be written like abba',
      'debe escribirse como abba',
    ],
    [
      { type: 'string', pattern: '^(?:a|b)+$' },
      'c',
      'must have the form of the regular expression ^(?:a|b)+$',
      'debe tener la forma de la expresión regular ^(?:a|b)+$',
    ],
    [
      { type: 'string', pattern: String.raw`\S` },
      ' ',
      'must not be blank',
      'no debe estar en blanco',
    ],
    [
      { type: 'string', format: 'date' },
      '1 March',
      'must be a date such as 2027-03-01',
      'debe ser una fecha como 2027-03-01',
    ],
    [{ type: 'string', minLength: 1 }, '', 'must not be empty', 'no debe estar vacío'],
    [
      { type: 'string', maxLength: 1 },
      'ab',
      'must have at most 1 character',
      'debe tener como máximo 1 carácter',
    ],
    [
      { type: 'array', minItems: 2 },
      [1],
      'must have at least 2 items',
      'debe tener al menos 2 elementos',
    ],
    [{ type: 'number', minimum: 0 }, -1, 'must be at least 0', 'debe ser al menos 0'],
    [{ type: 'number', exclusiveMinimum: 0 }, 0, 'must be more than 0', 'debe ser mayor que 0'],
    [
      { type: 'array', uniqueItems: true },
      [1, 2, 1],
      'must not have the same item twice: those at 0 and 2 are equal',
      'no debe tener dos veces lo mismo: los elementos 0 y 2 son iguales',
    ],
    [
      { enum: ['OPEN', 'CLOSED'] },
      'SHUT',
      'must be one of OPEN or CLOSED',
      'debe ser uno de estos: OPEN o CLOSED',
    ],
    [{ const: 'Point' }, 'point', 'must be Point', 'debe ser Point'],
  ])('%o refuses %o', (asked, value, en, es) => {
    expect(told(asked, value)).toEqual([{ en, es }])
  })
})

describe('the faults of a value that is none of several alternatives', () => {
  it('are those of the object that its constant names', () => {
    expect(faults({ geometry: { type: 'Point', coordinates: [1, '2'], crs: 'x' } })).toEqual([
      '#/geometry/crs is not known here',
      '#/geometry/coordinates/1 must be a number',
    ])
    expect(faults({ geometry: { type: 'LineString', coordinates: [1] } })).toEqual([
      '#/geometry/coordinates/0 must be a list',
    ])
  })

  it('are the choice where the constant names none of the objects', () => {
    expect(faults({ geometry: { type: 'Circle', coordinates: {}, radius: 1 } })).toEqual([
      '#/geometry/type must be one of Point or LineString',
    ])
  })

  it('are the choice of several constants', () => {
    expect(faults({ geometry: { type: 'Point', coordinates: [1, 2] }, mood: 'odd' })).toEqual([
      '#/mood must be one of good or bad',
    ])
  })

  it('are what is wrong with a value that may be null besides', () => {
    const geometry = { type: 'Point', coordinates: [1, 2] }
    expect(faults({ geometry, state: 'SHUT' })).toEqual(['#/state must be one of OPEN or CLOSED'])
    expect(faults({ geometry, wind: 'east' })).toEqual(['#/wind must be one of on or off'])
    expect(faults({ geometry, place: 7 })).toEqual(['#/place must be an object or null'])
    expect(faults({ geometry, place: { name: 'x', kind: 1 } })).toEqual([
      '#/place/kind is not known here',
      '#/place/name must have at least 2 characters',
    ])
  })

  it('are told once each where nothing tells the alternatives apart', () => {
    expect(faults({ geometry: 7 })).toEqual([
      '#/geometry must be an object',
      '#/geometry has none of the forms that it may have',
    ])
  })
})
