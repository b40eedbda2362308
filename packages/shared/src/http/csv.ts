import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify'
import type { Static, TObject } from 'typebox'
import { kitErrors } from './errors.ts'
import type { Text } from './language.ts'
import { type Fault, ProblemError } from './problem.ts'
import { faultsOf, strictAjv } from './validation.ts'

/** Faults that are named one by one; more are counted. */
const namedFaults = 100

/** One line of a table, checked; `row` is its number, the head being 1. */
export type CsvRow<T> = { row: number; value: T }

/** A table that was read: the names in its head, in its order, its good lines and all its faults. */
export type CsvTable<T> = { columns: string[]; rows: CsvRow<T>[]; faults: Fault[] }

/**
 * Reads a table (RFC 4180, UTF-8) whose head names properties of `schema`: separated by commas, or by
 * semicolons as spreadsheets write them where the comma is decimal. An empty cell is an absent
 * property; numbers have a decimal point; a list has its entries separated by blanks. Faults name row
 * and column; a table without a line is one.
 */
export const readCsv = <S extends TObject>(text: string, schema: S): CsvTable<Static<S>> => {
  const properties: Record<string, unknown> = schema.properties
  const [head, ...lines] = cellsOf(text)
  if (!head)
    return { columns: [], rows: [], faults: [headFault({ en: 'is missing', es: 'falta' })] }
  const columns = head.cells
  const headFaults = faultsOfHead(columns, properties)
  if (headFaults.length > 0) return { columns, rows: [], faults: headFaults }
  if (lines.length === 0) {
    const detail = { en: 'has no line below the head', es: 'no tiene líneas bajo la cabecera' }
    return { columns, rows: [], faults: [headFault(detail)] }
  }

  const check = strictAjv(false).compile(schema)
  const rows: CsvRow<Static<S>>[] = []
  const faults: Fault[] = []
  for (const { row, cells } of lines) {
    if (cells.length !== columns.length) {
      const [has, needs] = [cells.length, columns.length]
      const detail = {
        en: `has ${has} cells, while the head has ${needs}`,
        es: `tiene ${has} celdas y la cabecera ${needs}`,
      }
      faults.push({ pointer: `#row=${row}`, detail, row })
      continue
    }
    const value = Object.fromEntries(
      columns.flatMap((name, index) => {
        const cell = cells[index]?.trim() ?? ''
        return cell === '' ? [] : [[name, valueOf(cell, properties[name] as Described)]]
      }),
    )
    if (check(value)) rows.push({ row, value: value as Static<S> })
    else {
      const found = faultsOf(check.errors ?? [], (path) => path)
      faults.push(...found.map((fault) => inCell(fault, row, columns)))
    }
  }
  return { columns, rows, faults }
}

/** A fault in a line of a table. */
export type CellFault = Fault & { row: number }

/** A fault of a line's value (its pointer being `/property…`, after `#` or not), at its cell (RFC 7111). */
export const inCell = (fault: Fault, row: number, columns: readonly string[]): CellFault => {
  const column = /^#?\/([^/]+)/.exec(fault.pointer)?.[1]
  const index = column === undefined ? -1 : columns.indexOf(column)
  return {
    ...fault,
    pointer: index < 0 ? `#row=${row}` : `#cell=${row},${index + 1}`,
    row,
    ...(column === undefined ? {} : { column }),
  }
}

/** Lines that one transaction can take over well within its time. */
export const mostLines = 10_000

/** What is wrong with a table of so many lines, where more than `mostLines` are not taken at once. */
export const lengthFaults = (lines: number): Fault[] =>
  lines <= mostLines
    ? []
    : [
        {
          pointer: '#',
          detail: {
            en: `has ${lines} lines, of which ${mostLines} are taken at once`,
            es: `tiene ${lines} líneas, de las que se admiten ${mostLines} de una vez`,
          },
        },
      ]

/** The first hundred faults of a table by its rows, and how many there are in all. */
export const tableFaults = (faults: readonly Fault[]): { errors: Fault[]; detail: Text } => ({
  errors: faults.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0)).slice(0, namedFaults),
  detail: {
    en: `Nothing was imported: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`,
    es: `No se importó nada: ${faults.length} ${faults.length === 1 ? 'error' : 'errores'}`,
  },
})

/** A column of a table that is given out: its head, and what stands in it. */
export type CsvColumn<T> = {
  name: string
  value: (item: T) => string | number | boolean | null | undefined
}

/**
 * A table as a stream of constant memory (RFC 4180). Cells that a spreadsheet would take for a formula
 * are escaped.
 */
export const csvStream = <T>(
  items: Iterable<T> | AsyncIterable<T>,
  columns: readonly CsvColumn<T>[],
): Readable => {
  const lines = async function* (): AsyncGenerator<unknown[]> {
    yield columns.map(({ name }) => name)
    for await (const item of items) yield columns.map(({ value }) => value(item) ?? '')
  }
  const source = Readable.from(lines())
  const table = stringify({
    escape_formulas: true,
    record_delimiter: 'windows',
    // As `readCsv` takes it; the library's own is 1 and nothing.
    cast: { boolean: String },
  })
  source.on('error', (error) => table.destroy(error))
  table.on('close', () => source.destroy())
  return source.pipe(table)
}

type Line = { row: number; cells: string[] }

/** @throws ProblemError 400 for what is no table */
const cellsOf = (text: string): Line[] => {
  const firstLine = /^[^\r\n]*/.exec(text)?.[0] ?? ''
  try {
    const records = parse(text, {
      bom: true,
      delimiter: firstLine.includes(';') ? ';' : ',',
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
    }) as unknown as { record: string[]; info: { lines: number } }[]
    return records.map(({ record, info }) => ({ row: info.lines, cells: record }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const row = Number(error['lines'] ?? 1)
    const detail = {
      en: `cannot be read as CSV: ${error.message}`,
      es: `no se puede leer como CSV: ${error.message}`,
    }
    throw new ProblemError(kitErrors.VALIDATION_FAILED, {
      errors: [{ pointer: `#row=${row}`, row, detail }],
      cause: error,
    })
  }
}

const headFault = (detail: Text): Fault => ({ pointer: '#row=1', row: 1, detail })

const faultsOfHead = (head: readonly string[], properties: Record<string, unknown>): Fault[] =>
  head.flatMap((name, index) => {
    const cell = { pointer: `#cell=1,${index + 1}`, row: 1, column: name }
    if (!Object.hasOwn(properties, name)) {
      const known = Object.keys(properties).join(', ')
      return [{ ...cell, detail: { en: `is none of ${known}`, es: `no es ninguna de ${known}` } }]
    }
    if (head.indexOf(name) === index) return []
    return [{ ...cell, detail: { en: 'is there twice', es: 'está dos veces' } }]
  })

type Described = { type?: string; anyOf?: readonly Described[]; items?: Described }

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

/** What a cell says where the schema wants something else than text; as it is where it does not fit. */
const valueOf = (cell: string, schema: Described): unknown => {
  if (schema.type === 'array') {
    return cell.split(/\s+/).map((entry) => valueOf(entry, schema.items ?? {}))
  }
  if ((schema.type === 'number' || schema.type === 'integer') && number.test(cell)) {
    return Number(cell)
  }
  if (schema.type === 'boolean' && /^(?:true|false)$/.test(cell)) return cell === 'true'
  return cell
}
