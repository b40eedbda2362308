import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  answerTheWayBack,
  mostItems,
  requireFewItems,
  sortOut,
} from '@porttrack/shared/http/dcsa-messages'
import { dcsaContract, faultElement, withinReason } from '@porttrack/shared/http/dcsa'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ContainerVisitParams } from '../container-visits/container-visit.schema.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase } from '../database.ts'
import { MessageFeedback } from '../track-and-trace/dcsa-event.schema.ts'
import { organizationOf, visibilityOf } from '../visibility.ts'
import {
  type DcsaVgmDeclaration,
  DcsaVgmQuery,
  PostedVgmDeclarations,
  VgmPage,
} from './dcsa-vgm.schema.ts'
import { type DcsaVgmStore, receiveVgm } from './dcsa-vgm.store.ts'
import { NewVgmDeclaration, VgmParams } from './vgm.schema.ts'
import { declareVgm, listVgm, retractVgm } from './vgm.store.ts'

/** DCSA VGM 1.0, by which shippers and weighing stations declare masses. */
export const vgmContract = dcsaContract({ prefix: '/dcsa/vgm/v1', version: '1.0.0' })

type VgmRouteOptions = { database: CargaDatabase; containerVisits: ContainerVisitStore }

export const vgmRoutes: FastifyPluginAsyncTypebox<VgmRouteOptions> = async (
  app,
  { database, containerVisits },
) => {
  const tags = ['VGM']

  app.get(
    '',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'listVgmDeclarations',
        summary: 'Verified gross masses declared of a container',
        description: 'The one declared last first: it counts, unless it was retracted.',
        tags,
        params: ContainerVisitParams,
        response: {
          200: Type.Object({ items: Type.Array(Type.Ref('VgmDeclaration')) }),
          ...errors(404),
        },
      },
    },
    async ({ params: { id }, caller }) => {
      await containerVisits.find(id, visibilityOf(caller, 'container-visit:read'))
      return { items: await listVgm(database.client, id) }
    },
  )

  app.post(
    '',
    {
      config: access.permit('vgm:declare'),
      schema: {
        operationId: 'declareVgm',
        summary: 'Declare the verified gross mass of a container',
        description: 'More than the tare, at most the maximum gross weight (SOLAS VI/2).',
        tags,
        params: ContainerVisitParams,
        body: NewVgmDeclaration,
        response: { 201: Type.Ref('VgmDeclaration'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { params, body, caller } = request
        const visibility = visibilityOf(caller, 'vgm:declare')
        const visit = await containerVisits.lock(unit, params.id, visibility)
        reply.code(201)
        return declareVgm(unit, visit, {
          given: body,
          sender: caller.organization ?? caller.subject,
          by: caller.subject,
        })
      }),
  )

  app.post(
    '/:declarationId/retract',
    {
      config: access.permit('vgm:declare'),
      schema: {
        operationId: 'retractVgm',
        summary: 'Retract a declaration',
        description: 'Where it was the newest, the container has no verified gross mass.',
        tags,
        params: VgmParams,
        response: { 200: Type.Ref('VgmDeclaration'), ...errors(404, 409) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { params, caller } = request
        const visibility = visibilityOf(caller, 'vgm:declare')
        const visit = await containerVisits.lock(unit, params.id, visibility)
        return retractVgm(unit, visit, params.declarationId)
      }),
  )
}

type DcsaVgmRouteOptions = { database: CargaDatabase; declarations: DcsaVgmStore }

export const dcsaVgmRoutes: FastifyPluginAsyncTypebox<DcsaVgmRouteOptions> = async (
  app,
  { database, declarations },
) => {
  const tags = ['DCSA VGM']
  answerTheWayBack(app)

  app.get(
    '/vgm-declarations',
    {
      config: access.permit('dcsa:read'),
      schema: {
        operationId: 'listDcsaVgmDeclarations',
        summary: 'Verified gross masses, as declarations of DCSA VGM 1.0',
        description:
          'Those of the containers that the caller may see, and those that it has sent, the first declared first. `Next-Page-Cursor` leads to the page that follows, and is absent on the last.',
        tags,
        querystring: DcsaVgmQuery,
        response: { 200: VgmPage },
      },
    },
    async (request, reply) => {
      const { query, caller } = request
      const page = await declarations.list(query, visibilityOf(caller, 'dcsa:read'))
      if (page.next !== null) reply.header('next-page-cursor', page.next)
      return { VGMDeclarations: page.declarations }
    },
  )

  app.post(
    '/vgm-declarations',
    {
      config: { ...access.permit('dcsa:write'), judgesText: true },
      attachValidation: true,
      preValidation: async (request) => requireFewItems(request, 'VGMDeclarations'),
      schema: {
        operationId: 'postDcsaVgmDeclarations',
        summary: 'Send declarations of DCSA VGM 1.0',
        description: `Each is kept, also before its container is announced. What one lacks or breaks is told in \`feedbackElements\`: the container may then not be loaded. At most ${mostItems} declarations.`,
        tags,
        body: PostedVgmDeclarations,
        response: { 200: MessageFeedback },
      },
    },
    async (request, reply) => {
      const { caller } = request
      const { received, faults } = sortOut<DcsaVgmDeclaration>(request, {
        list: 'VGMDeclarations',
        missing: ({ declarationReference = '' }) =>
          declarationReference === '' ? [noReference] : [],
      })
      const language = languageOf(request)
      const feedback = faults.map((fault) => faultElement(fault, 'ERROR', language))
      const visibility = visibilityOf(caller, 'dcsa:write')
      return write({ request, reply, database }, async (unit) => {
        const remarks = await receiveVgm(unit, received, {
          sender: caller.organization ?? caller.subject,
          organization: organizationOf(caller, visibility),
          subject: caller.subject,
          visibility,
        })
        for (const { index, remark } of remarks) {
          const pointer = `#/VGMDeclarations/${index}${remark.pointer.slice(1)}`
          feedback.push(faultElement({ ...remark, pointer }, remark.severity, language))
        }
        return feedback.length === 0 ? {} : { feedbackElements: withinReason(feedback, language) }
      })
    },
  )
}

const noReference: Fault = {
  pointer: '#/declarationReference',
  detail: {
    en: 'is missing: without it, the declaration could not be told from the same one sent again',
    es: 'falta: sin ella no se distinguiría la declaración de su reenvío',
  },
}
