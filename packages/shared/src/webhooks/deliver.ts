import { setTimeout as sleep } from 'node:timers/promises'
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { isDatabaseUnavailable } from '../database/unavailable.ts'
import { type EventTable, organizationProperties } from '../events/define-events.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/define-metrics.ts'
import type { kitMetrics } from '../metrics/http-metrics.ts'
import type { BackgroundJob } from '../service/define-service.ts'
import { pause } from '../service/pause.ts'
import { tracer } from '../tracing/register.ts'
import type { ClaimedDelivery, DeliveryQueue } from './delivery-queue.ts'
import { webhookEventOf } from './delivery.store.ts'
import type { Destinations } from './destinations.ts'
import type { SecretBox } from './secret-box.ts'
import { type Attempt, send } from './send.ts'
import { signedHeaders } from './signature.ts'
import { nextPause } from './webhook.ts'

/** Milliseconds between looks at the feed and at what is due, while there is nothing to do. */
const lookInterval = 500

/** Attempts that a process makes at the same time: in all, and for one webhook. */
const attemptsAtOnce = 64
const attemptsPerWebhook = 4

/** Milliseconds that attempts in flight get to end when the process stops. */
const stopGrace = 5_000

/** Milliseconds beyond the longest attempt after which its claim is taken for abandoned. */
const claimReserve = 15_000

export type DeliverOptions = {
  service: string
  events: EventTable
  queue: DeliveryQueue
  destinations: Destinations
  secretBox: SecretBox
  log: Logger
  metrics: Metrics<typeof kitMetrics>
  settings: {
    timeoutMs: number
    /** Seconds after each failure until the next attempt. */
    schedule: readonly number[]
    /** Seconds of nothing but failures after which a webhook is disabled. */
    disableAfter: number
  }
}

/**
 * Turns events into deliveries and attempts those that are due. Any number of replicas share the
 * work: a webhook's events are read by one at a time, and a delivery is claimed by one for as long as
 * an attempt can take.
 */
export const deliverWebhooks = (options: DeliverOptions): BackgroundJob => {
  const { events, queue, log, metrics, settings } = options
  const organizations = organizationProperties(events)
  const inHand = new Map<ClaimedDelivery, Promise<void>>()

  const take = async (broken: AbortSignal): Promise<number> => {
    const limit = attemptsAtOnce - inHand.size
    if (limit <= 0) return 0
    const busy = new Map<string, number>()
    for (const { webhook_id: id } of inHand.keys()) busy.set(id, (busy.get(id) ?? 0) + 1)
    const claimed = await queue.claim({
      busy,
      limit,
      perWebhook: attemptsPerWebhook,
      leaseMs: settings.timeoutMs + claimReserve,
    })
    for (const delivery of claimed) {
      const attempted = attemptClaimed(options, delivery, broken)
        .catch((error: unknown) => {
          // The claim ends by itself, and the delivery is attempted again.
          const level = isDatabaseUnavailable(error) ? 'warn' : 'error'
          log[level]({ err: error, ...labelsOf(delivery) }, 'webhook delivery not written down')
        })
        .finally(() => inHand.delete(delivery))
      inHand.set(delivery, attempted)
    }
    return claimed.length
  }

  return {
    name: 'deliver webhooks',
    run: async (signal) => {
      const broken = new AbortController()
      try {
        while (!signal.aborted) {
          const { served, overtaken } = await queue.fanOut(organizations)
          for (const id of overtaken) {
            metrics.webhooksOvertaken.inc()
            log.warn(
              { 'labels.webhook_id': id },
              'webhook was away for longer than events are kept, and has missed some',
            )
          }
          const taken = await take(broken.signal)
          if (served > 0 || taken > 0) continue
          // An attempt that ends makes room for the webhook's next one.
          await Promise.race([pause(lookInterval, signal), ...inHand.values()])
        }
      } finally {
        if (signal.aborted) {
          const settled = Promise.all(inHand.values())
          await Promise.race([settled, sleep(stopGrace, undefined, { ref: false })])
          broken.abort()
          await settled
        }
      }
    },
  }
}

const attemptClaimed = async (
  options: DeliverOptions,
  delivery: ClaimedDelivery,
  broken: AbortSignal,
): Promise<void> => {
  const { queue, log, metrics, settings } = options
  let attempt: Attempt
  try {
    attempt = await attemptTraced(options, delivery, broken)
  } catch (error) {
    await queue.release(delivery)
    if (broken.aborted) return
    throw error
  }
  const delivered = attempt.outcome === 'DELIVERED'
  const over = delivered || attempt.outcome === 'GONE' || delivery.test
  const pauseSeconds = over
    ? null
    : nextPause(delivery.failures + 1, settings.schedule, {
        retryAfter: attempt.retryAfter,
        random: Math.random(),
      })
  const disabled = await queue.settle(delivery, attempt, {
    pause: pauseSeconds,
    disableAfter: settings.disableAfter,
  })
  metrics.webhookAttempts.inc({ outcome: attempt.outcome })
  if (delivered && !delivery.test) {
    metrics.webhookLatency.observe(delivery.age + attempt.durationMs / 1_000)
  }
  log.debug(
    {
      ...labelsOf(delivery),
      'event.outcome': delivered ? 'success' : 'failure',
      'event.reason': attempt.outcome,
      'event.duration': attempt.durationMs * 1e6,
      'http.response.status_code': attempt.responseStatus,
    },
    'webhook attempted',
  )
  if (disabled === null) return
  metrics.webhooksDisabled.inc({ reason: disabled })
  log.warn({ ...labelsOf(delivery), 'event.reason': disabled }, 'webhook disabled')
}

/** One attempt, in a trace of its own that is linked to the one that the event comes from. */
const attemptTraced = (
  { service, destinations, secretBox, settings }: DeliverOptions,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Attempt> => {
  const carrier = { traceparent: delivery.traceparent ?? '' }
  const cause = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier))
  return tracer().startActiveSpan(
    `deliver ${delivery.type}`,
    {
      kind: SpanKind.CLIENT,
      root: true,
      links: cause ? [{ context: cause }] : [],
      attributes: {
        'messaging.system': 'porttrack',
        'messaging.operation.type': 'send',
        'messaging.destination.name': delivery.webhook_id,
        'messaging.message.id': delivery.event_id,
        'http.request.method': 'POST',
        'server.address': new URL(delivery.url).hostname,
      },
    },
    context.active(),
    async (span) => {
      try {
        const body = JSON.stringify(webhookEventOf(service, delivery))
        const sealed = [delivery.secret, delivery.previous_secret].filter((each) => each !== null)
        const secrets = sealed.map((each) => secretBox.open(each, delivery.webhook_id))
        const timestamp = Math.floor(Date.now() / 1_000)
        const attempt = await send({
          url: delivery.url,
          headers: {
            ...signedHeaders({ id: delivery.event_id, timestamp, body }, secrets),
            'content-type': 'application/cloudevents+json',
            'user-agent': 'PortTrack',
          },
          body,
          agent: destinations.agent,
          timeoutMs: settings.timeoutMs,
          signal,
        })
        if (attempt.responseStatus !== null) {
          span.setAttribute('http.response.status_code', attempt.responseStatus)
        }
        if (attempt.outcome !== 'DELIVERED') {
          span.setStatus({ code: SpanStatusCode.ERROR, message: attempt.outcome })
        }
        return attempt
      } finally {
        span.end()
      }
    },
  )
}

const labelsOf = ({ id, webhook_id, event_id }: ClaimedDelivery) => ({
  'labels.webhook_id': webhook_id,
  'labels.delivery_id': id,
  'event.id': event_id,
})
