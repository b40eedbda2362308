import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { NewVessel, VesselChange, VesselQuery } from './vessel.schema.ts'
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
        tags,
        querystring: VesselQuery,
        response: { 200: PageOf(Type.Ref('Vessel')) },
      },
    },
    async (request) => vessels.list(request.query),
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
        const vessel = await vessels.register(unit, request.body)
        metrics.vesselsRegistered.inc()
        return created(reply, `/v1/vessels/${vessel.id}`, vessel)
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
    async (request, reply) => sendVersioned(request, reply, await vessels.find(request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('vessel:write'),
      schema: {
        operationId: 'replaceVessel',
        summary: 'Replace a vessel’s particulars',
        description:
          'What is left out becomes unknown, but for the IMO number, which never changes once known, and the state. A scrapped vessel takes no change.',
        tags,
        params: Params,
        body: VesselChange,
        response: { 200: Type.Ref('Vessel'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      return write({ request, reply, database }, async (unit) => {
        const change = { id: request.params.id, version, given: request.body }
        return sendVersioned(request, reply, await vessels.replace(unit, change))
      })
    },
  )
}
