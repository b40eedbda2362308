import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Grant, holds } from '../auth/access.ts'
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../database/transaction.ts'
import type { EventTable } from '../events/define-events.ts'
import { errors, kitErrors } from '../http/errors.ts'
import { created, etagOf, requiredVersion, sendVersioned } from '../http/etag.ts'
import { write } from '../http/idempotency.ts'
import { PageOf } from '../http/pagination.ts'
import { ProblemError } from '../http/problem.ts'
import type { DeliveryStore } from './delivery.store.ts'
import type { Destinations } from './destinations.ts'
import type { SecretBox } from './secret-box.ts'
import { webhookErrors } from './webhook.ts'
import {
  DeliveryParams,
  DeliveryQuery,
  DetailedDelivery,
  ReplayRequest,
  ReplayResult,
  Rotation,
  Webhook,
  webhookBodies,
  WebhookDelivery,
  WebhookEvent,
  WebhookHealth,
  WebhookParams,
  WebhookQuery,
  WebhookWithSecret,
} from './webhook.schema.ts'
import type { Owner, WebhookStore } from './webhook.store.ts'

type WebhookRouteOptions = {
  database: Database
  events: EventTable
  access: { readonly grants: Readonly<Record<string, Grant>> }
  webhooks: WebhookStore
  deliveries: DeliveryStore
  destinations: Destinations
  secretBox: SecretBox
}

const tags = ['webhooks']
const config = { permission: 'webhook:manage' }

/** Webhooks, their secrets, and the log of what was sent. */
export const webhookRoutes: FastifyPluginAsyncTypebox<WebhookRouteOptions> = async (
  app,
  options,
) => {
  const { database, events, access, webhooks, deliveries, destinations, secretBox } = options
  const { NewWebhook, ChangedWebhook } = webhookBodies(events)
  for (const schema of [
    Webhook,
    WebhookWithSecret,
    WebhookHealth,
    WebhookDelivery,
    WebhookEvent,
    DetailedDelivery,
    ReplayResult,
  ]) {
    app.addSchema(schema)
  }

  const ownerOf = ({ caller }: FastifyRequest): Owner => {
    if (caller.organization !== null) return { organization: caller.organization }
    // Who gets everybody's events must be one who may read them.
    const feed = access.grants['feed:read']
    if (feed && holds(caller, feed)) return 'all'
    throw new ProblemError(kitErrors.FORBIDDEN, {
      detail: {
        en: 'Without an organisation, webhooks are for those who may read the whole feed',
        es: 'Sin organización, los webhooks son para quien puede leer todo el canal de eventos',
      },
    })
  }

  const requireDestination = async (url: string): Promise<void> => {
    const faults = await destinations.faultsOf(url)
    if (faults.length === 0) return
    throw new ProblemError(webhookErrors.WEBHOOK_INVALID, {
      errors: faults.map((detail) => ({ pointer: '#/url', detail })),
    })
  }

  /** Kept answers hold the secret sealed: it is opened for the caller alone. */
  const opened = <T extends { id: string; sealedSecret: string }>({
    sealedSecret,
    ...rest
  }: T) => ({
    ...rest,
    secret: secretBox.open(sealedSecret, rest.id),
  })

  app.post(
    '',
    {
      config,
      schema: {
        operationId: 'registerWebhook',
        summary: 'Register a webhook',
        description:
          'It gets the events that are committed from now on, signed with the secret that this answer shows. A caller of an organisation gets the events that say they are of that organisation.',
        tags,
        body: NewWebhook,
        response: { 201: Type.Ref('WebhookWithSecret'), ...errors(409, 422) },
      },
    },
    async (request, reply) => {
      const { body } = request
      const organization = ownOrganization(request.caller, ownerOf(request), body.organization)
      await requireDestination(body.url)
      const webhook = await write({ request, reply, database }, async (unit) => {
        const registered = await webhooks.register(unit, { ...body, organization })
        return created(reply, `/v1/webhooks/${registered.id}`, registered)
      })
      return opened(webhook)
    },
  )

  app.get(
    '',
    {
      config,
      schema: {
        operationId: 'listWebhooks',
        summary: 'Webhooks, oldest first',
        tags,
        querystring: WebhookQuery,
        response: { 200: PageOf(Type.Ref('Webhook')) },
      },
    },
    async (request) => webhooks.list(request.query, ownerOf(request)),
  )

  app.get(
    '/:id',
    {
      config,
      schema: {
        operationId: 'getWebhook',
        summary: 'One webhook',
        tags,
        params: WebhookParams,
        response: {
          200: Type.Ref('Webhook'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) =>
      sendVersioned(request, reply, await webhooks.find(request.params.id, ownerOf(request))),
  )

  app.put(
    '/:id',
    {
      config,
      schema: {
        operationId: 'changeWebhook',
        summary: 'Change, pause or enable a webhook',
        description:
          'Other types of event count from where it stands in the feed. One that is enabled again goes on where it stopped, as far as events are kept.',
        tags,
        params: WebhookParams,
        body: ChangedWebhook,
        response: { 200: Type.Ref('Webhook'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const owner = ownerOf(request)
      const version = requiredVersion(request)
      await webhooks.find(params.id, owner)
      await requireDestination(body.url)
      return write({ request, reply, database }, async (unit) => {
        const webhook = await webhooks.change(unit, {
          id: params.id,
          owner,
          version,
          content: body,
        })
        reply.header('etag', etagOf(webhook.version))
        return webhook
      })
    },
  )

  app.delete(
    '/:id',
    {
      config,
      schema: {
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook with its deliveries',
        tags,
        params: WebhookParams,
        response: { 204: Type.Null({ description: 'Deleted' }), ...errors(404, 412, 428) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const given = { id, owner: ownerOf(request), version: requiredVersion(request) }
      await database.transaction((unit) => webhooks.remove(unit, given))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/rotate-secret',
    {
      config,
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'Give a webhook a new secret',
        description:
          'During the overlap each message has two signatures, so that a receiver can change over.',
        tags,
        params: WebhookParams,
        body: Rotation,
        response: { 200: Type.Ref('WebhookWithSecret'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { overlapSeconds = 86_400 } = request.body
      const given = { id: request.params.id, owner: ownerOf(request), overlapSeconds }
      const webhook = await write({ request, reply, database }, async (unit) => {
        const rotated = await webhooks.rotate(unit, given)
        reply.header('etag', etagOf(rotated.version))
        return rotated
      })
      return opened(webhook)
    },
  )

  app.get(
    '/:id/health',
    {
      config,
      schema: {
        operationId: 'getWebhookHealth',
        summary: 'How a webhook fares',
        tags,
        params: WebhookParams,
        response: { 200: Type.Ref('WebhookHealth'), ...errors(404) },
      },
    },
    async (request) => webhooks.health(request.params.id, ownerOf(request)),
  )

  app.post(
    '/:id/test',
    {
      config,
      schema: {
        operationId: 'testWebhook',
        summary: 'Send a test event',
        description:
          'Once, also while the webhook is paused or disabled. Its type is that of no other event, and its delivery shows what came of it.',
        tags,
        params: WebhookParams,
        response: { 202: Type.Ref('WebhookDelivery'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { id } = await webhooks.find(request.params.id, ownerOf(request))
      return write({ request, reply, database }, async (unit) => {
        reply.code(202)
        return deliveries.addTest(unit, id)
      })
    },
  )

  app.get(
    '/:id/deliveries',
    {
      config,
      schema: {
        operationId: 'listWebhookDeliveries',
        summary: 'What was sent and what waits, newest first',
        tags,
        params: WebhookParams,
        querystring: DeliveryQuery,
        response: { 200: PageOf(Type.Ref('WebhookDelivery')), ...errors(404) },
      },
    },
    async (request) => {
      const { id } = await webhooks.find(request.params.id, ownerOf(request))
      return deliveries.list(id, request.query)
    },
  )

  app.get(
    '/:id/deliveries/:deliveryId',
    {
      config,
      schema: {
        operationId: 'getWebhookDelivery',
        summary: 'One delivery with its event and its attempts',
        tags,
        params: DeliveryParams,
        response: { 200: Type.Ref('DetailedDelivery'), ...errors(404) },
      },
    },
    async (request) => {
      const { id } = await webhooks.find(request.params.id, ownerOf(request))
      return deliveries.find(id, request.params.deliveryId)
    },
  )

  app.post(
    '/:id/deliveries/:deliveryId/replay',
    {
      config,
      schema: {
        operationId: 'replayWebhookDelivery',
        summary: 'Send an event again',
        description:
          'At once, with all its retries, also one that was delivered. While the webhook is not enabled it waits.',
        tags,
        params: DeliveryParams,
        response: { 202: Type.Ref('WebhookDelivery'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { id } = await webhooks.find(request.params.id, ownerOf(request))
      return write({ request, reply, database }, async (unit) => {
        reply.code(202)
        return deliveries.replay(unit, id, request.params.deliveryId)
      })
    },
  )

  app.post(
    '/:id/replay',
    {
      config,
      schema: {
        operationId: 'replayFailedWebhookDeliveries',
        summary: 'Send again what was given up',
        tags,
        params: WebhookParams,
        body: ReplayRequest,
        response: { 202: Type.Ref('WebhookReplay'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { id } = await webhooks.find(request.params.id, ownerOf(request))
      return write({ request, reply, database }, async (unit) => {
        reply.code(202)
        return deliveries.replayFailed(unit, id, request.body.since)
      })
    },
  )
}

/** @throws ProblemError 403 for another organisation than one's own */
const ownOrganization = (
  caller: Caller,
  owner: Owner,
  requested: string | null | undefined,
): string | null => {
  if (owner === 'all') return requested ?? null
  if (requested !== undefined && requested !== caller.organization) {
    throw new ProblemError(kitErrors.FORBIDDEN, {
      detail: {
        en: 'Webhooks can be registered for your own organisation only',
        es: 'Solo se pueden registrar webhooks para su propia organización',
      },
    })
  }
  return owner.organization
}
