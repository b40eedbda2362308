import { readFile } from 'node:fs/promises'
import { page, table } from '@porttrack/scripts/generate/markdown'
import type { AnyService } from '@porttrack/shared/service/define-service'
import { parse } from 'yaml'
import { valuesSchema } from './values-schema.ts'

type Schema = {
  type?: string
  enum?: string[]
  const?: unknown
  minimum?: number
  maximum?: number
  description?: string
  properties?: Record<string, Schema>
}

/** Helm's own, what the process is, and what has a page of its own. */
const untold: ReadonlySet<string> = new Set([
  'service',
  'global',
  'process',
  'settings',
  'settingsFor',
])

/** `docs/chart-values.md`: every value of the charts, with what it is unless it is set. */
export const valuesPage = async (processes: readonly AnyService[]): Promise<string> => {
  const [process] = processes
  if (process === undefined) throw new Error('there is no process')
  const library = new URL('service/values.yaml', import.meta.url)
  const { exports } = parse(await readFile(library, 'utf8')) as { exports: { defaults: object } }
  // All charts take the same but for settings.
  const { properties = {} } = valuesSchema(process) as Schema
  const told = Object.entries(properties).filter(([name]) => !untold.has(name))
  return page('Values of the charts', 'the values’ schema', [
    'What a chart can be told. `settings` takes the environment variables of its process by their names, as in [configuration.md](configuration.md), but for those that the chart gives by itself; `settingsFor.rutas` those of `rutas` alone, in a file that is of all processes. [charts.md](charts.md) says what goes together.',
    'A chart, an environment or the release command may set another value than the one that is shown here.',
    table(
      ['value', 'takes', 'unless set', 'meaning'],
      told.flatMap(([name, schema]) => rowsOf(name, schema, exports.defaults)),
    ),
  ])
}

const rowsOf = (path: string, schema: Schema, defaults: object): string[][] =>
  schema.properties
    ? Object.entries(schema.properties).flatMap(([name, inner]) =>
        rowsOf(`${path}.${name}`, inner, defaults),
      )
    : [[`\`${path}\``, takes(schema), shown(valueAt(defaults, path)), schema.description ?? '']]

const valueAt = (object: unknown, path: string): unknown =>
  path.split('.').reduce((inner, name) => (inner as Record<string, unknown>)?.[name], object)

const shown = (value: unknown): string => {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return ['', '[]', '{}'].includes(text) ? 'none' : `\`${text}\``
}

const takes = ({ type, enum: choices, minimum, maximum }: Schema): string => {
  if (choices) return choices.join(', ')
  if (minimum !== undefined) return `${minimum} to ${maximum}`
  return { array: 'a list', object: 'a map', boolean: 'true or false' }[type ?? ''] ?? 'text'
}
