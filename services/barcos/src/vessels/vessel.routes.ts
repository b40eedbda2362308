import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { attachment } from '@porttrack/shared/http/attachment'
import { csvStream } from '@porttrack/shared/http/csv'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { csvAnswer } from '@porttrack/shared/http/file-content'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { type VesselAction, vesselActions, vesselLifecycle } from './vessel.ts'
import {
  NewVessel,
  ReasonedStateChange,
  StateChange,
  VesselChange,
  vesselIn,
  VesselQuery,
  VesselRecordQuery,
} from './vessel.schema.ts'
import { vesselColumns } from './vessel-table.ts'
import type { VesselStore } from './vessel.store.ts'

type VesselRouteOptions = {
  database: BarcosDatabase
  vessels: VesselStore
  metrics: Metrics<typeof metrics>
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['vessels']

export const vesselRoutes: FastifyPluginAsyncTypebox<VesselRouteOptions> = async (app, options) => {
  const { database, vessels, metrics } = options

  app.get(
    '',
    {
      config: access.permit('vessel:read'),
      schema: {
        operationId: 'listVessels',
        summary: 'Search vessels',
        description:
          'With `former=true` also by what vessels had before. By `Accept` as JSON in pages, or as CSV: every vessel that the query names, whatever its `limit` and `cursor`.',
        tags,
        querystring: VesselQuery,
        response: {
          200: {
            description: 'JSON or CSV',
            content: {
              'application/json': { schema: PageOf(Type.Ref('Vessel')) },
              'text/csv': { schema: csvAnswer(vesselColumns) },
            },
          },
          ...errors(406),
        },
      },
    },
    async (request, reply) => {
      const type = mediaTypeFor(request, ['application/json', 'text/csv'])
      reply.header('vary', 'accept, accept-language')
      if (type === 'application/json') {
        const { items, next } = await vessels.list(request.query)
        return { items: items.map((vessel) => vesselIn(vessel, languageOf(request))), next }
      }
      reply.type('text/csv; charset=utf-8').header('content-disposition', attachment('vessels.csv'))
      return reply.send(csvStream(vessels.all(request.query), vesselColumns))
    },
  )

  app.post(
    '',
    {
      config: access.permit('vessel:write'),
      schema: {
        operationId: 'registerVessel',
        summary: 'Register a vessel',
        description:
          'By IMO number, MMSI or both. What is unusual but not wrong is in `warnings`. 409 names the vessel that has the identity already.',
        tags,
        body: NewVessel,
        response: { 201: Type.Ref('Vessel'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const reporter = reporterOf(request.caller)
        const vessel = await vessels.register(unit, request.body, reporter)
        metrics.vesselsRegistered.inc()
        const answer = vesselIn(vessel, languageOf(request))
        return created(reply, `/v1/vessels/${vessel.id}`, answer)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('vessel:read'),
      schema: {
        operationId: 'getVessel',
        summary: 'One vessel',
        tags,
        params: Params,
        response: { 200: Type.Ref('Vessel'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const vessel = await vessels.find(request.params.id)
      reply.header('vary', 'accept-language')
      return sendVersioned(request, reply, vesselIn(vessel, languageOf(request)))
    },
  )

  app.put(
    '/:id',
    {
      config: access.permit('vessel:write'),
      schema: {
        operationId: 'replaceVessel',
        summary: 'Replace a vessel’s particulars',
        description:
          'What is left out becomes unknown, but for the IMO number, which never changes once known. Former names, flags, call signs and MMSIs are kept. A scrapped vessel takes no change.',
        tags,
        params: Params,
        body: VesselChange,
        response: { 200: Type.Ref('Vessel'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, async (unit, version) => {
        const vessel = await vessels.replace(unit, {
          id: request.params.id,
          version,
          given: request.body,
          reporter: reporterOf(request.caller),
        })
        return vesselIn(vessel, languageOf(request))
      }),
  )

  app.get(
    '/:id/history',
    {
      config: access.permit('vessel:read'),
      schema: {
        operationId: 'getVesselHistory',
        summary: 'What a vessel was called, flew, answered to and was, the newest first',
        tags,
        params: Params,
        querystring: VesselRecordQuery,
        response: { 200: PageOf(Type.Ref('VesselRecord')), ...errors(404) },
      },
    },
    async (request) => vessels.history(request.params.id, request.query),
  )

  for (const action of vesselActions) {
    const { meaning } = vesselLifecycle.actions[action]
    app.post(
      `/:id/${action}`,
      {
        config: access.permit('vessel:write'),
        schema: {
          operationId: `${action.replace(/-(\w)/, (_, letter: string) => letter.toUpperCase())}Vessel`,
          summary: `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}`,
          tags,
          params: Params,
          body: reasoned.has(action) ? ReasonedStateChange : StateChange,
          response: { 200: Type.Ref('Vessel'), ...errors(404, 409, 412) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, async (unit, version) => {
          const vessel = await vessels.changeState(unit, {
            id: request.params.id,
            version,
            action,
            reason: request.body?.reason,
            reporter: reporterOf(request.caller),
          })
          return vesselIn(vessel, languageOf(request))
        }),
    )
  }
}

/** What is done to a ship against its will, or for good, is done for a reason that is kept. */
const reasoned: ReadonlySet<VesselAction> = new Set(['detain', 'release', 'scrap'])
