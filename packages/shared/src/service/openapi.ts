import fastifySwagger from '@fastify/swagger'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { Type } from 'typebox'
import { type Contract, contractAt } from '../http/contract.ts'
import { bodyErrors, commonErrors, errors, errorsAs } from '../http/errors.ts'
import { withLimits } from './openapi-limits.ts'

export type ApiDescription = {
  name: string
  title: string
  description: string
  version: string
  contracts: readonly Contract[]
  /** Makes what is answered of the app's own document. */
  document?: ((own: object) => Promise<string>) | undefined
}

/** Where callers of a production installation, and of a local one, find an API. */
export const publicServer = (url: string) => ({
  url,
  description: 'Through the gateway, in production as in local development',
  'x-internal': false,
})

/**
 * Describes every route of an app as OpenAPI 3.1 at `/openapi.json`. Routes that need a token get
 * the errors that any such route can answer with, so that none has to repeat them.
 */
export const describeApi = async (
  app: FastifyInstance,
  { name, title, description, version, contracts, document }: ApiDescription,
): Promise<void> => {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        description,
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [publicServer(`/${name}`)],
      components: {
        securitySchemes: {
          accessToken: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'Access token of the user pool; checked as RFC8725 asks',
          },
        },
      },
      security: [{ accessToken: [] }],
    },
    transformObject: (made) =>
      'openapiObject' in made ? withLimits(made.openapiObject) : made.swaggerObject,
    // The schemas' own names, instead of def-0, def-1…
    refResolver: {
      buildLocalReference: ({ $id }) => (typeof $id === 'string' ? $id : 'Unnamed'),
    },
  })

  app.addHook('onRoute', (route) => {
    if (route.config?.public || !route.schema) return
    const contract = contractAt(contracts, route.url)
    const statuses = takesBody(route) ? [...commonErrors, ...bodyErrors] : commonErrors
    const refusals = contract
      ? errorsAs(
          { mediaType: contract.errorMediaType, schema: Type.Ref(contract.errorSchema.$id) },
          statuses,
        )
      : errors(...statuses)
    route.schema = {
      ...route.schema,
      response: { ...refusals, ...(route.schema.response as object) },
    }
  })

  app.get(
    '/openapi.json',
    { config: { public: true }, schema: { hide: true } },
    async (_request, reply) =>
      document
        ? reply.type('application/json; charset=utf-8').send(await document(app.swagger()))
        : app.swagger(),
  )
}

const takesBody = ({ method }: RouteOptions): boolean =>
  [method].flat().some((each) => each === 'POST' || each === 'PUT' || each === 'PATCH')
