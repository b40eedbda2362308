import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ContainerVisitParams } from '../container-visits/container-visit.schema.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase } from '../database.ts'
import { PortCallParams } from '../port-calls/port-call.schema.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import { visibilityOf } from '../visibility.ts'
import { YardParams } from '../yard/yard.schema.ts'
import { dangerousGoodsLifecycle } from './dangerous-goods.ts'
import {
  DangerousGoodsDecision,
  DangerousGoodsParams,
  NewDangerousGoods,
  NewSegregationConfirmation,
  segregationIn,
} from './dangerous-goods.schema.ts'
import {
  decideDangerousGoods,
  declareDangerousGoods,
  listDangerousGoods,
} from './dangerous-goods.store.ts'
import {
  checkAboard,
  checkVisit,
  checkYard,
  confirmSegregation,
  type SegregationDistances,
} from './segregation.store.ts'

type DangerousGoodsRouteOptions = {
  database: CargaDatabase
  containerVisits: ContainerVisitStore
  distances: SegregationDistances
}

const tags = ['dangerous goods']
const asked =
  'The answer names each pair that stands too near, its level and the rule. Where the table of IMDG 7.2.4 says X or *, it is CONSULT: neither safe nor forbidden until someone has looked into the goods lists and confirmed it.'

export const dangerousGoodsRoutes: FastifyPluginAsyncTypebox<DangerousGoodsRouteOptions> = async (
  app,
  { database, containerVisits, distances },
) => {
  app.get(
    '/container-visits/:id/dangerous-goods',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'listDangerousGoods',
        summary: 'Dangerous goods in a container',
        tags,
        params: ContainerVisitParams,
        response: {
          200: Type.Object({ items: Type.Array(Type.Ref('DangerousGoods')) }),
          ...errors(404),
        },
      },
    },
    async ({ params: { id }, caller }) => {
      const visit = await containerVisits.find(id, visibilityOf(caller, 'container-visit:read'))
      return { items: await listDangerousGoods(database.client, visit.id) }
    },
  )

  app.post(
    '/container-visits/:id/dangerous-goods',
    {
      config: access.permit('dangerous-goods:declare'),
      schema: {
        operationId: 'declareDangerousGoods',
        summary: 'Declare dangerous goods in a container',
        description: 'The container is loaded once all that is declared is accepted.',
        tags,
        params: ContainerVisitParams,
        body: NewDangerousGoods,
        response: { 201: Type.Ref('DangerousGoods'), ...errors(404, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { params, body, caller } = request
        const visibility = visibilityOf(caller, 'dangerous-goods:declare')
        const visit = await containerVisits.lock(unit, params.id, visibility)
        reply.code(201)
        return declareDangerousGoods(unit, visit.id, { given: body, by: caller.subject })
      }),
  )

  for (const action of dangerousGoodsLifecycle.actionNames) {
    app.post(
      `/container-visits/:id/dangerous-goods/:declarationId/${action}`,
      {
        config: access.permit('dangerous-goods:decide'),
        schema: {
          operationId: `${action}DangerousGoods`,
          summary: `Of declared dangerous goods: ${dangerousGoodsLifecycle.actions[action].meaning}`,
          tags,
          params: DangerousGoodsParams,
          body: DangerousGoodsDecision,
          response: { 200: Type.Ref('DangerousGoods'), ...errors(404, 409, 412, 422) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, async (unit, version) => {
          const { params, body, caller } = request
          const visibility = visibilityOf(caller, 'dangerous-goods:decide')
          const visit = await containerVisits.lock(unit, params.id, visibility)
          return decideDangerousGoods(unit, action, {
            containerVisitId: visit.id,
            declarationId: params.declarationId,
            version,
            reason: body.reason ?? null,
            by: caller.subject,
          })
        }),
    )
  }

  app.get(
    '/container-visits/:id/segregation',
    {
      config: access.permit('segregation:read'),
      schema: {
        operationId: 'checkSegregation',
        summary: 'May a container stand beside its neighbours?',
        description: asked,
        tags,
        params: ContainerVisitParams,
        response: { 200: Type.Ref('Segregation'), ...errors(404) },
      },
    },
    async (request) => {
      const visibility = visibilityOf(request.caller, 'segregation:read')
      const visit = await containerVisits.find(request.params.id, visibility)
      const { position } = visit
      const found = await checkVisit(database.sql, visit, { position, distances })
      return segregationIn(found, languageOf(request))
    },
  )

  app.get(
    '/yards/:UNLocationCode/segregation',
    {
      config: access.permit('segregation:read'),
      schema: {
        operationId: 'checkSegregationOfYard',
        summary: 'May the containers of a yard stand beside each other?',
        description: asked,
        tags,
        params: YardParams,
        response: { 200: Type.Ref('Segregation') },
      },
    },
    async (request) => {
      const place = { UNLocationCode: request.params.UNLocationCode, block: null }
      const found = await checkYard(database.sql, place, distances)
      return segregationIn(found, languageOf(request))
    },
  )

  app.get(
    '/port-calls/:id/segregation',
    {
      config: access.permit('segregation:read'),
      schema: {
        operationId: 'checkSegregationAboard',
        summary: 'May what is loaded onto a call’s ship be stowed as it is?',
        description: asked,
        tags,
        params: PortCallParams,
        response: { 200: Type.Ref('Segregation'), ...errors(404) },
      },
    },
    async (request) => {
      const { id } = await requireCall(database.client, request.params.id, 'all')
      const found = await checkAboard(database.sql, id, distances)
      return segregationIn(found, languageOf(request))
    },
  )

  app.post(
    '/segregation-confirmations',
    {
      config: access.permit('segregation:confirm'),
      schema: {
        operationId: 'confirmSegregation',
        summary: 'Confirm that two containers may stand near each other by the goods lists',
        description: 'Who and why is kept. It lifts CONSULT, and no level.',
        tags,
        body: NewSegregationConfirmation,
        response: { 201: Type.Ref('SegregationConfirmation'), ...errors(404, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { body, caller } = request
        const ids = body.containerVisitIds
        for (const id of ids.toSorted()) await containerVisits.lock(unit, id, 'all')
        reply.code(201)
        return confirmSegregation(unit, ids, { reason: body.reason, by: caller.subject })
      }),
  )
}
