import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { dcsaContract, faultElement, withinReason } from '@porttrack/shared/http/dcsa'
import {
  answerTheWayBack,
  mostItems,
  noEventId,
  requireFewItems,
  sortOut,
} from '@porttrack/shared/http/dcsa-messages'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import type { DecisionStore } from '../port-calls/decision.store.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { speakerOf } from '../timestamps/service-parties.ts'
import {
  type DcsaEvent,
  DcsaEventQuery,
  EventsPage,
  PostedEvents,
  PostedEventsFeedback,
} from './dcsa-event.schema.ts'
import type { DcsaEventStore } from './dcsa-event.store.ts'
import { receiveEvents, type SentEvent } from './reception.store.ts'

/** DCSA Port Call 2.0, whose paths carriers' systems know. */
export const portCallContract = dcsaContract({ prefix: '/dcsa/port-call/v2', version: '2.0.0' })

type DcsaEventRouteOptions = {
  database: BarcosDatabase
  events: DcsaEventStore
  decisions: DecisionStore
  metrics: Metrics<typeof metrics>
}

const tags = ['DCSA Port Call']

const eventsCalled = { en: 'events', es: 'eventos' }

export const dcsaEventRoutes: FastifyPluginAsyncTypebox<DcsaEventRouteOptions> = async (
  app,
  { database, events, decisions, metrics },
) => {
  answerTheWayBack(app)

  app.get(
    '/events',
    {
      config: access.permit('dcsa:read'),
      schema: {
        operationId: 'listDcsaEvents',
        summary: 'Timestamps and forecasts of moves, as events of DCSA Port Call 2.0',
        description:
          'Those of the calls that the caller may see, the first recorded first. All filters of the standard are supported. `Next-Page-Cursor` leads to the page that follows, and is absent on the last.',
        tags,
        querystring: DcsaEventQuery,
        response: { 200: EventsPage },
      },
    },
    async (request, reply) => {
      const { query, caller } = request
      const page = await events.list(query, visibilityOf(caller, 'dcsa:read'))
      if (page.next !== null) reply.header('next-page-cursor', page.next)
      return { events: page.events }
    },
  )

  app.post(
    '/events',
    {
      config: { ...access.permit('dcsa:write'), judgesText: true },
      // One bad event must not stop the others: each is judged apart.
      attachValidation: true,
      preValidation: async (request) => requireFewItems(request, 'events', eventsCalled),
      schema: {
        operationId: 'postDcsaEvents',
        summary: 'Send events of DCSA Port Call 2.0',
        description: `Each event is kept and recorded on the port call that it belongs to. What breaks a rule is told in \`feedbackElements\` and is no reason to refuse the others. An event that was sent before is replaced when \`eventUpdatedDateTime\` is later, and else changes nothing. At most ${mostItems} events.`,
        tags,
        body: PostedEvents,
        response: { 200: PostedEventsFeedback },
      },
    },
    async (request, reply) => {
      const { caller } = request
      const { received, faults } = sortOut<SentEvent>(request, {
        list: 'events',
        missing: ({ eventID }: DcsaEvent) => (eventID === undefined ? [noEventId] : []),
      })
      const language = languageOf(request)
      const told = faults.map((fault) => faultElement(fault, 'ERROR', language))
      return write({ request, reply, database }, async (unit) => {
        const sender = {
          organization: caller.organization,
          subject: caller.subject,
          visibility: visibilityOf(caller, 'dcsa:write'),
          speaker: speakerOf(caller),
        }
        const { remarks, timestamps } = await receiveEvents(unit, received, { sender, decisions })
        for (const { source, portCallId, portCallServiceTypeCode } of timestamps) {
          metrics.timestampsRecorded.inc({ source, service_type: portCallServiceTypeCode })
          if (portCallId === null) metrics.orphanTimestamps.inc()
        }
        for (const { index, remark } of remarks) {
          const pointer = `#/events/${index}${remark.pointer.slice(1)}`
          told.push(faultElement({ pointer, detail: remark.detail }, remark.severity, language))
        }
        return told.length === 0 ? {} : { feedbackElements: withinReason(told, language) }
      })
    },
  )
}
