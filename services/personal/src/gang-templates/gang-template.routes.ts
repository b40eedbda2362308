import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { GangTemplateParams, GangTemplateQuery, NewGangTemplate } from './gang-template.schema.ts'
import type { GangTemplateStore } from './gang-template.store.ts'

type GangTemplateRouteOptions = { database: PersonalDatabase; gangTemplates: GangTemplateStore }

const tags = ['shifts']

export const gangTemplateRoutes: FastifyPluginAsyncTypebox<GangTemplateRouteOptions> = async (
  app,
  { database, gangTemplates },
) => {
  app.get(
    '',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'listGangTemplates',
        summary: 'Gang templates by name',
        tags,
        querystring: GangTemplateQuery,
        response: { 200: PageOf(Type.Ref('GangTemplate')) },
      },
    },
    async ({ query }) => gangTemplates.list(query),
  )

  app.post(
    '',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'createGangTemplate',
        summary: 'Describe positions that are manned together',
        tags,
        body: NewGangTemplate,
        response: { 201: Type.Ref('GangTemplate'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, body: given } = request
        const template = await gangTemplates.create(unit, { caller, given })
        return created(reply, `/v1/gang-templates/${template.id}`, template)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'getGangTemplate',
        summary: 'One gang template',
        tags,
        params: GangTemplateParams,
        response: {
          200: Type.Ref('GangTemplate'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) =>
      sendVersioned(request, reply, await gangTemplates.find(request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'replaceGangTemplate',
        summary: 'Replace a gang template',
        description: 'Shifts that were made of it stay as they are.',
        tags,
        params: GangTemplateParams,
        body: NewGangTemplate,
        response: { 200: Type.Ref('GangTemplate'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        gangTemplates.replace(unit, { id: request.params.id, version, given: request.body }),
      ),
  )

  app.delete(
    '/:id',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'deleteGangTemplate',
        summary: 'Remove a gang template that nothing uses',
        tags,
        params: GangTemplateParams,
        response: { 204: Type.Null({ description: 'Removed' }), ...errors(404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const wanted = { id: request.params.id, version: requiredVersion(request) }
      await database.transaction((unit) => gangTemplates.remove(unit, wanted))
      return reply.code(204).send(null)
    },
  )
}
