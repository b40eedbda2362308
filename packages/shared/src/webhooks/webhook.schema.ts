import { type Static, type TSchema, Type } from 'typebox'
import type { EventTable } from '../events/define-events.ts'
import { CloudEvent } from '../events/cloud-event.ts'
import { pageQuery } from '../http/pagination.ts'
import { attemptOutcomes, deliveryStatuses, disabledReasons, webhookStates } from './webhook.ts'

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])
const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const EventType = Type.String({ maxLength: 200 })

/** Characters that a webhook's texts have at most, and the types of event that it names. */
const longest = { url: 2_000, description: 500, secret: 50, eventTypes: 100 }
const Organization = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'Code of the organisation whose events it gets',
})

/** What a caller says of a webhook; the types of event are those of the service. */
const given = (events: EventTable) => ({
  url: Type.String({
    minLength: 1,
    maxLength: longest.url,
    description: 'Where events are sent: https, at a public address, without credentials',
    examples: ['https://example.com/porttrack'],
  }),
  eventTypes: Type.Optional(
    nullable(
      Type.Array(Type.Enum(Object.keys(events)), {
        minItems: 1,
        maxItems: longest.eventTypes,
        uniqueItems: true,
        description: 'Types of event that are sent; null for all, also those to come',
      }),
    ),
  ),
  description: Type.Optional(
    Type.String({ maxLength: longest.description, pattern: String.raw`^[^\p{Cc}]*$`, default: '' }),
  ),
})

const ChosenState = Type.Enum(['ENABLED', 'PAUSED'], {
  description: 'While PAUSED nothing is sent and nothing is lost: it goes on where it stopped',
})

/** Bodies of registration and change, for the events of one service. */
export const webhookBodies = (events: EventTable) => ({
  NewWebhook: Type.Object(
    {
      ...given(events),
      state: Type.Optional({ ...ChosenState, default: 'ENABLED' }),
      organization: Type.Optional(nullable(Organization)),
    },
    { additionalProperties: false },
  ),
  ChangedWebhook: Type.Object(
    { ...given(events), state: ChosenState },
    { additionalProperties: false },
  ),
})

/** What a registration or a change says, once it is checked. */
export type WebhookContent = {
  url: string
  eventTypes?: string[] | null
  description?: string
  state?: string
}

export const Webhook = Type.Object(
  {
    id: Uuid,
    organization: nullable(Organization),
    url: Type.String({ maxLength: longest.url }),
    eventTypes: nullable(Type.Array(EventType, { maxItems: longest.eventTypes })),
    description: Type.String({ maxLength: longest.description }),
    state: Type.Enum([...webhookStates], {
      description: 'PAUSED by who manages it, DISABLED by the service itself',
    }),
    disabledReason: nullable(
      Type.Enum([...disabledReasons], {
        description: 'The receiver answered 410 (GONE), or failed for too long (FAILING)',
      }),
    ),
    disabledAt: nullable(Instant),
    previousSecretEnds: nullable(
      Type.String({
        format: 'date-time',
        description: 'Until when the secret before the present one signs as well',
      }),
    ),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Instant,
    changedAt: Instant,
  },
  { $id: 'Webhook' },
)
export type Webhook = Static<typeof Webhook>

const secret = {
  secret: Type.String({
    maxLength: longest.secret,
    description: 'Verifies the signatures. Shown here only: keep it',
    examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  }),
}

/** A webhook with its new secret: the one answer that shows it. */
export const WebhookWithSecret = Type.Object(
  { ...Webhook.properties, ...secret },
  { $id: 'WebhookWithSecret' },
)

export const Rotation = Type.Object(
  {
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 604_800,
        default: 86_400,
        description: 'How long the secret before signs as well; 0 when it has become known',
      }),
    ),
  },
  { additionalProperties: false },
)

export const WebhookHealth = Type.Object(
  {
    state: Webhook.properties.state,
    lastSuccessAt: nullable(Instant),
    lastFailureAt: nullable(Instant),
    failingSince: nullable(
      Type.String({ format: 'date-time', description: 'First failure since the last success' }),
    ),
    consecutiveFailures: Type.Integer({ minimum: 0 }),
    pending: Type.Integer({ minimum: 0, description: 'Deliveries that wait for an attempt' }),
    oldestPendingAt: nullable(Instant),
    failed: Type.Integer({ minimum: 0, description: 'Deliveries given up that can be replayed' }),
  },
  { $id: 'WebhookHealth' },
)
export type WebhookHealth = Static<typeof WebhookHealth>

export const WebhookQuery = Type.Object(
  { ...pageQuery, state: Type.Optional(Webhook.properties.state) },
  { additionalProperties: false },
)
export type WebhookQuery = Static<typeof WebhookQuery>

const Outcome = Type.Enum(Object.keys(attemptOutcomes) as (keyof typeof attemptOutcomes)[], {
  description: Object.entries(attemptOutcomes)
    .map(([outcome, meaning]) => `${outcome}: ${meaning}`)
    .join('; '),
})

const ResponseStatus = Type.Integer({
  minimum: 100,
  maximum: 999,
  description: 'HTTP status of the receiver’s answer',
})

export const WebhookDelivery = Type.Object(
  {
    id: Uuid,
    webhookId: Uuid,
    eventId: Type.String({ format: 'uuid', description: 'The event’s id: `webhook-id`' }),
    eventType: EventType,
    subject: CloudEvent.properties.subject,
    test: Type.Boolean({ description: 'Sent once on request' }),
    status: Type.Enum([...deliveryStatuses]),
    attemptCount: Type.Integer({ minimum: 0 }),
    lastOutcome: nullable(Outcome),
    lastResponseStatus: nullable(ResponseStatus),
    nextAttemptAt: nullable(
      Type.String({
        format: 'date-time',
        description: 'Null when there is none to come, or one is being made',
      }),
    ),
    createdAt: Instant,
    finishedAt: nullable(Instant),
  },
  { $id: 'WebhookDelivery' },
)
export type WebhookDelivery = Static<typeof WebhookDelivery>

/** The event as a receiver gets it: with its place in the feed. */
export const WebhookEvent = Type.Object(
  {
    ...CloudEvent.properties,
    sequence: Type.Optional(
      Type.String({
        maxLength: 20,
        description: 'Place in the feed, 20 digits: of two events the greater was committed later',
      }),
    ),
  },
  { $id: 'WebhookEvent' },
)

const WebhookAttempt = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  startedAt: Instant,
  durationMs: Type.Integer({ minimum: 0 }),
  outcome: Outcome,
  responseStatus: nullable(ResponseStatus),
  detail: nullable(
    Type.String({ maxLength: 60, description: 'Code of the error, such as ECONNREFUSED' }),
  ),
})
export type WebhookAttempt = Static<typeof WebhookAttempt>

export const DetailedDelivery = Type.Object(
  {
    ...WebhookDelivery.properties,
    event: Type.Ref('WebhookEvent'),
    attempts: Type.Array(WebhookAttempt, {
      maxItems: 100,
      description: 'The newest 100, oldest first',
    }),
  },
  { $id: 'DetailedDelivery' },
)

export const DeliveryQuery = Type.Object(
  {
    ...pageQuery,
    status: Type.Optional(WebhookDelivery.properties.status),
    eventType: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    eventId: Type.Optional(Uuid),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'Made then or later' })),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'Made before' })),
  },
  { additionalProperties: false },
)
export type DeliveryQuery = Static<typeof DeliveryQuery>

export const ReplayRequest = Type.Object(
  {
    since: Type.String({
      format: 'date-time',
      description: 'Deliveries that were given up then or later are sent again',
    }),
  },
  { additionalProperties: false },
)

export const ReplayResult = Type.Object(
  {
    replayed: Type.Integer({ minimum: 0 }),
    more: Type.Boolean({ description: 'Whether there are further ones: ask again' }),
  },
  { $id: 'WebhookReplay' },
)

export const WebhookParams = Type.Object({ id: Uuid }, { additionalProperties: false })
export const DeliveryParams = Type.Object(
  { id: Uuid, deliveryId: Uuid },
  { additionalProperties: false },
)
