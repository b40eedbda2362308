import { text } from 'node:stream/consumers'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { type CsvColumn, csvStream, readCsv, tableFaults } from './csv.ts'
import { ProblemError } from './problem.ts'

const Ship = Type.Object(
  {
    name: Type.String({ minLength: 2 }),
    beam: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    teu: Type.Optional(Type.Integer()),
    ports: Type.Optional(Type.Array(Type.String({ pattern: '^[A-Z]{5}$' }))),
    eta: Type.Optional(Type.String({ format: 'date-time' })),
    laden: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

const faultsIn = (table: string) =>
  readCsv(table, Ship).faults.map(({ pointer, row, column, detail }) => ({
    pointer,
    row,
    column,
    detail: typeof detail === 'string' ? detail : detail.en,
  }))

describe('reading a table', () => {
  it('gives each line its number and its values their types', () => {
    const table =
      'name,beam,teu,ports,eta,laden\r\n"Star, Blue",32.2,,ESALG NLRTM,2026-12-01T10:00:00Z,true\r\n\r\nMoon,,7,,,\r\n'
    expect(readCsv(table, Ship)).toEqual({
      columns: ['name', 'beam', 'teu', 'ports', 'eta', 'laden'],
      rows: [
        {
          row: 2,
          value: {
            name: 'Star, Blue',
            beam: 32.2,
            ports: ['ESALG', 'NLRTM'],
            eta: '2026-12-01T10:00:00Z',
            laden: true,
          },
        },
        { row: 4, value: { name: 'Moon', teu: 7 } },
      ],
      faults: [],
    })
  })

  it('takes what spreadsheets write: a byte order mark, and semicolons', () => {
    const { rows, faults } = readCsv('\uFEFFname;beam\nÑandú, the;3.5\n', Ship)
    expect(faults).toEqual([])
    expect(rows).toEqual([{ row: 2, value: { name: 'Ñandú, the', beam: 3.5 } }])
  })

  it('names every fault with row and column', () => {
    const table = 'name,beam,ports,eta\nA,"3,5",esalg,soon\n,-1,,\nBoth,1\n'
    expect(faultsIn(table)).toMatchObject([
      { pointer: '#cell=2,1', row: 2, column: 'name' },
      { pointer: '#cell=2,2', row: 2, column: 'beam', detail: 'must be a number' },
      { pointer: '#cell=2,3', row: 2, column: 'ports' },
      { pointer: '#cell=2,4', row: 2, column: 'eta' },
      { pointer: '#cell=3,1', row: 3, column: 'name', detail: 'is missing' },
      { pointer: '#cell=3,2', row: 3, column: 'beam', detail: 'must be more than 0' },
      { pointer: '#row=4', row: 4, detail: 'has 2 cells, while the head has 4' },
    ])
  })

  it('refuses a head that names what is not known, or one thing twice, or nothing', () => {
    expect(faultsIn('name,owner,name\n')).toMatchObject([
      { pointer: '#cell=1,2', column: 'owner' },
      { pointer: '#cell=1,3', column: 'name', detail: 'is there twice' },
    ])
    expect(faultsIn('__proto__\nx\n')).toMatchObject([{ pointer: '#cell=1,1' }])
    expect(faultsIn('')).toMatchObject([{ pointer: '#row=1', detail: 'is missing' }])
  })

  it('refuses a table that has no line', () => {
    const detail = 'has no line below the head'
    expect(faultsIn('name,beam\n\n')).toEqual([{ pointer: '#row=1', row: 1, detail }])
  })

  it('says where text is no table', () => {
    let refusal: unknown
    try {
      readCsv('name\nfine\n"never closed\n', Ship)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(ProblemError)
    expect(refusal).toMatchObject({ kind: { status: 400 }, errors: [{ row: expect.any(Number) }] })
  })

  it('names the first hundred faults and counts all', () => {
    const { faults } = readCsv(`name\n${'X\n'.repeat(150)}`, Ship)
    const { errors, detail } = tableFaults(faults.toReversed())
    expect(errors.map(({ row }) => row)).toEqual(Array.from({ length: 100 }, (_, at) => at + 2))
    expect(detail.en).toBe('Nothing was imported: 150 faults')
  })
})

describe('giving out a table', () => {
  const columns: CsvColumn<{ name: string; beam?: number }>[] = [
    { name: 'name', value: ({ name }) => name },
    { name: 'beam', value: ({ beam }) => beam },
  ]

  it('escapes what a spreadsheet would take for a formula', async () => {
    const items = [{ name: '=HYPERLINK("http://x")' }, { name: '@a' }, { name: 'a,"b"', beam: 2.5 }]
    expect(await text(csvStream(items, columns))).toBe(
      'name,beam\r\n"\'=HYPERLINK(""http://x"")",\r\n\'@a,\r\n"a,""b""",2.5\r\n',
    )
  })

  it('writes what is true and what is not as it is read', async () => {
    const laden: CsvColumn<boolean>[] = [{ name: 'laden', value: (item) => item }]
    const table = await text(csvStream([true, false], laden))
    expect(table).toBe('laden\r\ntrue\r\nfalse\r\n')
  })

  it('takes no more items than are read', async () => {
    let made = 0
    const endless = async function* () {
      for (;;) {
        made += 1
        yield { name: 'x'.repeat(100) }
      }
    }
    const table = csvStream(endless(), columns)
    for await (const _chunk of table) break
    expect(made).toBeLessThan(10_000)
  })

  it('ends with the fault of its source', async () => {
    const failing = async function* () {
      yield { name: 'one' }
      throw new Error('the database went away')
    }
    await expect(text(csvStream(failing(), columns))).rejects.toThrow('the database went away')
  })
})
