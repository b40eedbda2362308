import fc from 'fast-check'
import { valuesOf } from './arbitrary.ts'
import type { Door } from './services.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- a JSON schema, whose keywords are looked at one by one
export type Schema = Record<string, any>

type MediaTypes = Record<string, { schema?: Schema }>

export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
}

export type Operation = {
  method: string
  /** With parameters in braces, as OpenAPI writes them. */
  path: string
  parameters: readonly Parameter[]
  /** Schemas of the request's body by media type, references resolved one level. */
  bodies: Readonly<Record<string, Schema>>
  bodyRequired: boolean
  /** Schemas of the answers by status and media type; null where an answer has no body. */
  answers: Readonly<Record<string, Readonly<Record<string, Schema>> | null>>
}

export type ApiDocument = {
  operations: readonly Operation[]
  /** The operation that serves a route, whose path has parameters after colons. */
  operation: (method: string, route: string) => Operation
  schemas: Readonly<Record<string, Schema>>
}

/** What a service says of itself. */
export const documentOf = async (service: Door): Promise<ApiDocument> => {
  const { body: document } = await service.request('GET', '/openapi.json', { as: null })
  const paths = document.paths as Record<string, Record<string, Schema>>
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => ({
      method: method.toUpperCase(),
      path,
      parameters: operation['parameters'] ?? [],
      bodies: schemasOf(operation['requestBody']?.content ?? {}),
      bodyRequired: operation['requestBody']?.required === true,
      answers: Object.fromEntries(
        Object.entries(operation['responses'] as Record<string, { content?: MediaTypes }>).map(
          ([status, { content }]) => [status, content ? schemasOf(content) : null],
        ),
      ),
    })),
  )
  const schemas: Record<string, Schema> = document.components.schemas
  return {
    operations: operations.map((operation) => ({
      ...operation,
      bodies: within(operation.bodies, schemas),
    })),
    operation: (method, route) => {
      const path = route.replaceAll(/:(\w+)/g, '{$1}')
      const found = operations.find((each) => each.method === method && each.path === path)
      if (!found) throw new Error(`${method} ${route} is not in the document of ${service.name}`)
      return { ...found, bodies: within(found.bodies, schemas) }
    },
    schemas,
  }
}

/** The operations of a document whose paths begin so. */
export const documentOfPart = (document: ApiDocument, prefix: string): ApiDocument => ({
  ...document,
  operations: document.operations.filter(({ path }) => path.startsWith(prefix)),
})

/** A body that the operation's schema accepts, the same at each call; undefined where it takes none. */
export const exampleBody = ({ bodies }: Operation): unknown => {
  const schema = bodies['application/json']
  return schema && fc.sample(valuesOf(schema), { numRuns: 1, seed: 1 })[0]
}

const schemasOf = (content: MediaTypes): Record<string, Schema> =>
  Object.fromEntries(Object.entries(content).map(([type, { schema = {} }]) => [type, schema]))

const within = (
  bodies: Readonly<Record<string, Schema>>,
  components: Readonly<Record<string, Schema>>,
) =>
  Object.fromEntries(
    Object.entries(bodies).map(([type, schema]) => [
      type,
      { ...schema, components: { schemas: components } },
    ]),
  )
