import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import { Decision } from '../port-calls/decision.schema.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { reporterOf } from '../reporter.ts'
import { authorityNames } from './clearance.ts'
import { ClearanceDecision } from './clearance.schema.ts'
import type { ClearanceStore } from './clearance.store.ts'
import { authorizeDeparture } from './departure.store.ts'

type ClearanceRouteOptions = { database: BarcosDatabase; clearances: ClearanceStore }

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['clearances']

export const clearanceRoutes: FastifyPluginAsyncTypebox<ClearanceRouteOptions> = async (
  app,
  { database, clearances },
) => {
  app.get(
    '/:id/clearances',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'listClearances',
        summary: 'What each authority says about the departure of a ship',
        description: 'Empty until the call is approved.',
        tags,
        params: Params,
        response: {
          200: Type.Object({
            items: Type.Array(Type.Ref('Clearance'), { maxItems: authorityNames.length }),
          }),
          ...errors(404),
        },
      },
    },
    async (request) => ({
      items: await clearances.list(
        request.params.id,
        visibilityOf(request.caller, 'port-call:read'),
      ),
    }),
  )

  app.put(
    '/:id/clearances/:authority',
    {
      config: access.permit('clearance:decide'),
      schema: {
        operationId: 'decideClearance',
        summary: 'Grant or refuse a clearance',
        description: 'A refusal needs a reason, and withdraws an authorised departure.',
        tags,
        params: Type.Object({ ...Params.properties, authority: Type.Enum([...authorityNames]) }),
        body: ClearanceDecision,
        response: { 200: Type.Ref('Clearance'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) => {
        const { id: portCallId, authority } = request.params
        return clearances.decide(
          unit,
          { portCallId, authority },
          {
            version,
            visibility: visibilityOf(request.caller, 'clearance:decide'),
            reporter: reporterOf(request.caller),
            decision: request.body,
          },
        )
      }),
  )

  app.post(
    '/:id/departure-authorization',
    {
      config: access.permit('departure:authorize'),
      schema: {
        operationId: 'authorizeDeparture',
        summary: 'Let a ship leave',
        description:
          '409 names all that is missing by its code. Withdrawn of itself when a clearance is refused, the vessel is detained or the ship goes to another berth.',
        tags,
        params: Params,
        body: Decision,
        response: { 200: Type.Ref('PortCall'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) =>
        authorizeDeparture(unit, {
          id: request.params.id,
          version,
          visibility: visibilityOf(request.caller, 'departure:authorize'),
          reporter: reporterOf(request.caller),
          reason: request.body?.reason ?? null,
        }),
      ),
  )
}
