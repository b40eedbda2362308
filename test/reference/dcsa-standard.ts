import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormatsModule from 'ajv-formats'
import { expect } from 'vitest'
import { parse } from 'yaml'

type Parameter = { name: string; in: string; example: string | number }
type Document = {
  info: { version: string }
  paths: Record<string, { get: { parameters: Parameter[] } }>
  components: { schemas: Record<string, object> }
}

// The package is CommonJS whose types name an ES default export.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default

/** Every object with its own properties and no others: what the standard does not know is a fault. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed)
  if (value === null || typeof value !== 'object') return value
  const inner = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]))
  return 'properties' in value && 'type' in value
    ? { ...inner, additionalProperties: false }
    : inner
}

/** A standard of DCSA as DCSA describes it, from the folder `data/dcsa` below `REFERENCE_DIR`. */
export const dcsaStandard = (file: string) => {
  const reference = process.env['REFERENCE_DIR']
  if (!reference) throw new Error('REFERENCE_DIR names no folder with data/dcsa')
  const directory = join(reference, 'data/dcsa')
  const standard = parse(readFileSync(join(directory, file), 'utf8')) as Document
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats(ajv)
  ajv.addSchema(closed(standard) as object, 'standard')
  return {
    directory,
    version: standard.info.version,
    /** Fails where a message is not one of the standard's. */
    expectValid: (schema: string, value: unknown): void => {
      expect(standard.components.schemas).toHaveProperty(schema)
      const validate = ajv.compile({ $ref: `standard#/components/schemas/${schema}` })
      const faults = validate(value)
        ? []
        : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
      expect(faults).toEqual([])
    },
    /** The query parameters of a list. */
    parametersOf: (path: string): Parameter[] =>
      (standard.paths[path]?.get.parameters ?? []).filter((each) => each.in === 'query'),
  }
}
