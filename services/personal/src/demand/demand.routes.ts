import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { DemandParams, DemandPlan, DemandQuery } from './demand.schema.ts'
import type { DemandStore } from './demand.store.ts'

type DemandRouteOptions = { database: PersonalDatabase; demand: DemandStore }

const tags = ['shifts']

export const demandRoutes: FastifyPluginAsyncTypebox<DemandRouteOptions> = async (
  app,
  { database, demand },
) => {
  app.get(
    '',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'listDemand',
        summary: 'Orders of port call services, and the shifts that serve them',
        description:
          'As barcos tells of them. One that is confirmed gets a draft by the gang template that serves such orders; where none does, or its shift was cancelled, plan it by hand.',
        tags,
        querystring: DemandQuery,
        response: { 200: PageOf(Type.Ref('Demand')) },
      },
    },
    async ({ query }) => demand.list(query),
  )

  app.get(
    '/:id',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'getDemand',
        summary: 'One order, and the shift that serves it',
        tags,
        params: DemandParams,
        response: { 200: Type.Ref('Demand'), ...errors(404) },
      },
    },
    async ({ params }) => demand.find(params.id),
  )

  app.post(
    '/:id/plan',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'planDemand',
        summary: 'Plan a draft for an order by hand',
        tags,
        params: DemandParams,
        body: DemandPlan,
        response: { 200: Type.Ref('Demand'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body: given } = request
        return demand.plan(unit, { caller, id: params.id, given })
      }),
  )
}
