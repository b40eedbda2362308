import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { CargaDatabase } from '../database.ts'
import { visibilityOf } from '../visibility.ts'
import { transportDocumentLifecycle } from './transport-document.ts'
import {
  NewTransportDocument,
  TransportDocumentDecision,
  TransportDocumentParams,
  TransportDocumentQuery,
} from './transport-document.schema.ts'
import type { TransportDocumentStore } from './transport-document.store.ts'

type TransportDocumentRouteOptions = { database: CargaDatabase; documents: TransportDocumentStore }

const tags = ['transport documents']

export const transportDocumentRoutes: FastifyPluginAsyncTypebox<
  TransportDocumentRouteOptions
> = async (app, { database, documents }) => {
  app.get(
    '',
    {
      config: access.permit('transport-document:read'),
      schema: {
        operationId: 'listTransportDocuments',
        summary: 'Search transport documents',
        tags,
        querystring: TransportDocumentQuery,
        response: { 200: PageOf(Type.Ref('TransportDocument')) },
      },
    },
    async ({ query, caller }) =>
      documents.list(query, visibilityOf(caller, 'transport-document:read')),
  )

  app.post(
    '',
    {
      config: access.permit('transport-document:write'),
      schema: {
        operationId: 'draftTransportDocument',
        summary: 'Draft a transport document',
        tags,
        body: NewTransportDocument,
        response: { 201: Type.Ref('TransportDocument'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const visibility = visibilityOf(request.caller, 'transport-document:write')
        const document = await documents.draft(unit, request.body, visibility)
        return created(reply, `/v1/transport-documents/${document.id}`, document)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('transport-document:read'),
      schema: {
        operationId: 'getTransportDocument',
        summary: 'One transport document',
        tags,
        params: TransportDocumentParams,
        response: { 200: Type.Ref('TransportDocument'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const visibility = visibilityOf(request.caller, 'transport-document:read')
      return sendVersioned(request, reply, await documents.find(request.params.id, visibility))
    },
  )

  app.put(
    '/:id',
    {
      config: access.permit('transport-document:write'),
      schema: {
        operationId: 'replaceTransportDocument',
        summary: 'Replace what a draft says',
        description: 'Its reference stays; once it is issued, nothing of it is changed.',
        tags,
        params: TransportDocumentParams,
        body: NewTransportDocument,
        response: { 200: Type.Ref('TransportDocument'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) => {
        const visibility = visibilityOf(request.caller, 'transport-document:write')
        const { id } = request.params
        return documents.replace(unit, { id, version, visibility }, request.body)
      }),
  )

  for (const action of transportDocumentLifecycle.actionNames) {
    app.post(
      `/:id/${action}`,
      {
        config: access.permit('transport-document:write'),
        schema: {
          operationId: `${action}TransportDocument`,
          summary: `Of a transport document: ${transportDocumentLifecycle.actions[action].meaning}`,
          tags,
          params: TransportDocumentParams,
          body: TransportDocumentDecision,
          response: { 200: Type.Ref('TransportDocument'), ...errors(404, 409, 412, 422) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, (unit, version) => {
          const { params, body, caller } = request
          const visibility = visibilityOf(caller, 'transport-document:write')
          const wanted = { id: params.id, version, visibility, reason: body.reason ?? null }
          return documents.act(unit, action, wanted)
        }),
    )
  }
}
