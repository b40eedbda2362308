import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { created, etagOf, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { csvAnswer } from '@porttrack/shared/http/file-content'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { voyageTimelineColumns } from './voyage-table.ts'
import {
  ReasonGiven,
  ReportParams,
  VoyageInput,
  VoyageList,
  VoyageListQuery,
  VoyageParams,
  VoyageReport,
  VoyageTimelineQuery,
} from './voyage.schema.ts'
import type { VoyageStore } from './voyage.store.ts'

const tags = ['voyages']

export const voyageRoutes: FastifyPluginAsyncTypebox<{ store: VoyageStore }> = async (
  app,
  { store },
) => {
  const { database } = store
  // What an estimate rests on is told in the caller's language.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('vary')) reply.header('vary', 'accept-language')
  })

  app.post(
    '',
    {
      config: access.permit('voyage:write'),
      schema: {
        operationId: 'createVoyage',
        summary: 'Schedule a voyage',
        description:
          'The calls of a ship in their order. It is tied to the port calls of the ship that barcos knows, and goes on by what AIS and barcos tell.',
        tags,
        body: VoyageInput,
        response: { 201: Type.Ref('Voyage'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { body: input, caller } = request
        const language = languageOf(request)
        const voyage = await store.create(unit, { input, by: caller.subject, language })
        return created(reply, `/v1/voyages/${voyage.id}`, voyage)
      }),
  )

  app.get(
    '',
    {
      config: access.permit('voyage:read'),
      schema: {
        operationId: 'listVoyages',
        summary: 'Voyages by ship, state and deviation, in the order in which they begin',
        tags,
        querystring: VoyageListQuery,
        response: { 200: VoyageList },
      },
    },
    async (request) => store.list(request.query, languageOf(request)),
  )

  app.get(
    '/:id',
    {
      config: access.permit('voyage:read'),
      schema: {
        operationId: 'getVoyage',
        summary: 'A voyage, where it stands and when the ship arrives',
        tags,
        params: VoyageParams,
        response: {
          200: Type.Ref('Voyage'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) => {
      const voyage = await store.find(request.params.id, languageOf(request))
      // Why there is no estimate changes with the time and the ship, not with the version.
      if (voyage.etaAbsence === null || voyage.endedAt !== null) {
        return sendVersioned(request, reply, voyage)
      }
      reply.header('etag', etagOf(voyage.version))
      return voyage
    },
  )

  app.put(
    '/:id',
    {
      config: access.permit('voyage:write'),
      schema: {
        operationId: 'replaceVoyage',
        summary: 'Change a voyage or its schedule',
        description:
          'What was seen and reported of the voyage is judged anew by the schedule. Calls keep their `transportCallReference`.',
        tags,
        params: VoyageParams,
        body: VoyageInput,
        response: { 200: Type.Ref('Voyage'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) => {
        const { params, body: input, caller } = request
        const by = caller.subject
        return store.replace(unit, {
          id: params.id,
          version,
          input,
          by,
          language: languageOf(request),
        })
      }),
  )

  app.delete(
    '/:id',
    {
      config: access.permit('voyage:write'),
      schema: {
        operationId: 'deleteVoyage',
        summary: 'Remove a voyage of which nothing has been seen or reported',
        tags,
        params: VoyageParams,
        response: { 204: Type.Null({ description: 'Removed' }), ...errors(404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      const { id } = request.params
      await database.transaction((unit) => store.remove(unit, { id, version }))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/cancel',
    {
      config: access.permit('voyage:write'),
      schema: {
        operationId: 'cancelVoyage',
        summary: 'Call a voyage off',
        tags,
        params: VoyageParams,
        body: ReasonGiven,
        response: { 200: Type.Ref('Voyage'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const { params, body, caller } = request
        const { reason } = body
        const language = languageOf(request)
        return store.cancel(unit, { id: params.id, version, reason, by: caller.subject, language })
      }),
  )

  app.post(
    '/:id/reports',
    {
      config: access.permit('voyage:write'),
      schema: {
        operationId: 'reportOnVoyage',
        summary: 'Report an arrival or a departure',
        description:
          'For ports that AIS does not reach, and to correct what it saw: a report counts more than barcos, and that more than AIS. A later report of the same call replaces it.',
        tags,
        params: VoyageParams,
        body: VoyageReport,
        response: { 200: Type.Ref('Voyage'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const { params, body: report, caller } = request
        const language = languageOf(request)
        return store.report(unit, { id: params.id, version, report, by: caller.subject, language })
      }),
  )

  app.post(
    '/:id/reports/:reportId/retract',
    {
      config: access.permit('voyage:write'),
      schema: {
        operationId: 'retractVoyageReport',
        summary: 'Say that an arrival or departure is not true',
        description:
          'Of an entry of the timeline that counts, whoever told of it. The voyage is reckoned anew without it.',
        tags,
        params: ReportParams,
        body: ReasonGiven,
        response: { 200: Type.Ref('Voyage'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const { id, reportId } = request.params
        const { reason } = request.body
        const by = request.caller.subject
        const language = languageOf(request)
        return store.retract(unit, { id, version, reportId, reason, by, language })
      }),
  )

  app.get(
    '/:id/timeline',
    {
      config: access.permit('voyage:read'),
      schema: {
        operationId: 'getVoyageTimeline',
        summary: 'What was planned, reported and seen of a voyage, in order',
        description:
          'By `Accept` as JSON in pages, or as CSV, the whole timeline. Replayed, it gives the voyage’s state.',
        tags,
        params: VoyageParams,
        querystring: VoyageTimelineQuery,
        response: {
          200: {
            description: 'JSON or CSV',
            content: {
              'application/json': { schema: PageOf(Type.Ref('VoyageTimelineEntry')) },
              'text/csv': { schema: csvAnswer(voyageTimelineColumns) },
            },
          },
          ...errors(404, 406),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const type = mediaTypeFor(request, ['application/json', 'text/csv'])
      reply.header('vary', 'accept')
      if (type === 'application/json') return store.timeline(id, request.query)
      const entries = await store.wholeTimeline(id)
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', `attachment; filename="voyage-${id}.csv"`)
      return reply.send(csvStream(entries, voyageTimelineColumns))
    },
  )
}
