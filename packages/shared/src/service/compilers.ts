import stringifierOf, { type Schema } from 'fast-json-stringify'
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { strictAjv } from '../http/validation.ts'

type Controller = NonNullable<FastifyServerOptions['schemaController']>
type Compilers = NonNullable<Controller['compilersFactory']>
type Serializers = ReturnType<NonNullable<Compilers['buildSerializer']>>
type Named = Readonly<Record<string, unknown>>

/**
 * How a service compiles the schemas of its routes. Builders and not compilers: a plugin that adds
 * schemas of its own would get Fastify's lenient ones instead. Fastify asks such a plugin's builder
 * anew for every route, so each gives what it has built for the same schemas before.
 */
export const schemaCompilers = (): Compilers => ({
  // Fastify's types take the compiler for ajv's, which is called with a schema alone.
  buildValidator: oncePerSchemas(strictValidators) as unknown as NonNullable<
    Compilers['buildValidator']
  >,
  buildSerializer: oncePerSchemas(serializers),
})

/**
 * Validates bodies as they are and query strings, paths and headers after conversion from text.
 * Unknown properties are refused, never dropped, and every fault is reported at once.
 */
const strictValidators = (schemas: Named): FastifySchemaCompiler<TSchema> => {
  const exact = strictAjv(false)
  const converting = strictAjv('array')
  for (const [id, schema] of Object.entries(schemas)) {
    for (const ajv of [exact, converting]) ajv.addSchema(schema as object, id)
  }
  return ({ schema, httpPart }) => (httpPart === 'body' ? exact : converting).compile(schema)
}

/**
 * Writes answers. Each schema is compiled once, though most routes answer with the same problems, and
 * with no more of the named schemas than it refers to: compiling reads all that it is given.
 */
const serializers = (named: Named): Serializers => {
  const made = new Map<string, ReturnType<Serializers>>()
  return ({ schema = {} }) => {
    const text = JSON.stringify(schema)
    const known = made.get(text)
    if (known) return known
    const write = stringifierOf(schema as Schema, { schema: referredTo(text, named) })
    made.set(text, write)
    return write
  }
}

/** Those of the named schemas that a schema refers to, and those that these refer to. */
const referredTo = (text: string, named: Named): Record<string, Schema> => {
  const found: Record<string, Schema> = {}
  const texts = [text]
  for (let next = texts.pop(); next !== undefined; next = texts.pop()) {
    for (const [, id = ''] of next.matchAll(/"\$ref":"([^"#]+)/g)) {
      const schema = named[id]
      if (found[id] || typeof schema !== 'object' || schema === null) continue
      found[id] = schema as Schema
      texts.push(JSON.stringify(schema))
    }
  }
  return found
}

const oncePerSchemas = <Made>(build: (schemas: Named) => Made) => {
  const built: { schemas: Named; made: Made }[] = []
  return (schemas: unknown): Made => {
    const given = schemas as Named
    const known = built.find((each) => same(each.schemas, given))
    if (known) return known.made
    const made = build(given)
    built.push({ schemas: given, made })
    return made
  }
}

const same = (one: Named, other: Named): boolean => {
  const ids = Object.keys(one)
  return (
    ids.length === Object.keys(other).length && ids.every((id) => Object.is(one[id], other[id]))
  )
}
