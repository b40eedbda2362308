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
})

const faults = (value: unknown) => {
  const check = strictAjv(false).compile(schema)
  check(value)
  return faultsOf(check.errors ?? [], (path) => `#${path}`).map(
    ({ pointer, detail }) => `${pointer} ${inLanguage(detail, 'en')}`,
  )
}

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
      '#/geometry/type must be one of Point, LineString',
    ])
  })

  it('are the choice of several constants', () => {
    expect(faults({ geometry: { type: 'Point', coordinates: [1, 2] }, mood: 'odd' })).toEqual([
      '#/mood must be one of good, bad',
    ])
  })

  it('are told once each where nothing tells the alternatives apart', () => {
    expect(faults({ geometry: 7 })).toEqual([
      '#/geometry must be an object',
      '#/geometry must match a schema in anyOf',
    ])
  })
})
