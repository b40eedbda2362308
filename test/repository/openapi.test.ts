import { readdirSync, readFileSync } from 'node:fs'
import { wordsOfPattern } from '@porttrack/shared/http/pattern-words'
import { describe, expect, it } from 'vitest'

type Json = Record<string, unknown>
type Found = { at: string; value: Json }

const folder = new URL('../../docs/openapi/', import.meta.url)

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** Every object of a document, with its place. */
const objectsOf = (value: unknown, at: string): Found[] => {
  if (!isObject(value)) return []
  const inner = Object.entries(value).flatMap(([key, each]) => objectsOf(each, `${at}/${key}`))
  return Array.isArray(value) ? inner : [{ at, value }, ...inner]
}

const documents = readdirSync(folder).map((file) => ({
  name: file.replace(/\.json$/, ''),
  objects: objectsOf(JSON.parse(readFileSync(new URL(file, folder), 'utf8')), ''),
}))

/** Whether a schema has an example, or else what it is the schema of. */
const hasExample = (value: Json): boolean =>
  [value, value['schema']].some(
    (each) => isObject(each) && ('example' in each || 'examples' in each),
  )

/** What is sent and answered in another form than JSON, with the media type. */
const files = documents.flatMap(({ name, objects }) =>
  objects
    .flatMap(({ at, value }) => {
      const { content } = value
      return isObject(content)
        ? Object.entries(content).map(([type, media]) => ({ at, type, media: media as Json }))
        : []
    })
    .filter(({ type }) => !type.includes('json') && type !== 'text/event-stream')
    .map((file) => ({ ...file, at: `${name}${file.at} ${file.type}` })),
)

describe('the OpenAPI documents', () => {
  it('describe what is no JSON: how it is written, how long it is, and an example', () => {
    expect(files.length).toBeGreaterThan(20)
    const bare = files.filter(({ type, media }) => {
      const { description, maxLength } = media['schema'] as Json
      const shown = type === 'application/pdf' || hasExample(media)
      // What a text is taken to be at most when its schema says nothing.
      return !description || maxLength === 1_048_576 || !shown
    })
    expect(bare.map(({ at }) => at)).toEqual([])
  })

  it('have no pattern whose faults are told as a regular expression only', () => {
    const dark = documents.flatMap(({ name, objects }) => {
      const around = new Map(objects.map(({ at, value }) => [at, value]))
      return objects
        .filter(({ at }) => /\/requestBody\/|\/parameters\//.test(at))
        .filter(({ value: { pattern } }) => typeof pattern === 'string' && !wordsOfPattern(pattern))
        .filter(({ at, value }) => {
          const parameter = at.endsWith('/schema') ? around.get(at.replace(/\/schema$/, '')) : {}
          return !hasExample(value) && !hasExample(parameter ?? {})
        })
        .map(({ at, value }) => `${name}${at} ${String(value['pattern'])}`)
    })
    expect(dark).toEqual([])
  })
})
