import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  answerTheWayBack,
  mostItems,
  noEventId,
  requireFewItems,
  sortOut,
} from '@porttrack/shared/http/dcsa-messages'
import { dcsaContract, faultElement, withinReason } from '@porttrack/shared/http/dcsa'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { access } from '../access.ts'
import { countRecorded } from '../container-visit-events/count-recorded.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { organizationOf, visibilityOf } from '../visibility.ts'
import {
  MessageFeedback,
  PostedTrackAndTraceEvents,
  type TrackAndTraceEvent,
  TrackAndTracePage,
  TrackAndTraceQuery,
} from './dcsa-event.schema.ts'
import type { GateRule } from '../gate/gate-passage.ts'
import type { SegregationDistances } from '../dangerous-goods/segregation.store.ts'
import { receiveEvents } from './reception.store.ts'
import type { TrackedEventStore } from './tracked-event.store.ts'

/** DCSA Track and Trace 3.0, by which carriers and shippers know what happens to containers. */
export const trackAndTraceContract = dcsaContract({ prefix: '/dcsa/tnt/v3', version: '3.0.0' })

type TrackedEventRouteOptions = {
  database: CargaDatabase
  containerVisits: ContainerVisitStore
  events: TrackedEventStore
  metrics: Metrics<typeof metrics>
  distances: SegregationDistances
  gateRule: GateRule
}

const tags = ['DCSA Track and Trace']

export const trackedEventRoutes: FastifyPluginAsyncTypebox<TrackedEventRouteOptions> = async (
  app,
  { database, containerVisits, events, metrics, distances, gateRule },
) => {
  answerTheWayBack(app)

  app.get(
    '/events',
    {
      config: access.permit('dcsa:read'),
      schema: {
        operationId: 'listTrackAndTraceEvents',
        summary: 'What happens to containers, as events of DCSA Track and Trace 3.0',
        description:
          'Those of the containers that the caller may see, and those that it has sent, the first updated first. All filters of the standard are supported. `Next-Page-Cursor` leads to the page that follows, and is absent on the last.',
        tags,
        querystring: TrackAndTraceQuery,
        response: { 200: TrackAndTracePage },
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
      attachValidation: true,
      preValidation: async (request) => requireFewItems(request, 'events'),
      schema: {
        operationId: 'postTrackAndTraceEvents',
        summary: 'Send events of DCSA Track and Trace 3.0',
        description: `Each event is kept, and recorded on the visit of its container. What cannot follow or breaks a rule is told in \`feedbackElements\` and is no reason to refuse the others. An event that was sent before is replaced when \`eventUpdatedDateTime\` is later, and else changes nothing. At most ${mostItems} events.`,
        tags,
        body: PostedTrackAndTraceEvents,
        response: { 200: MessageFeedback },
      },
    },
    async (request, reply) => {
      const { caller } = request
      const { received, faults } = sortOut<TrackAndTraceEvent>(request, {
        list: 'events',
        missing: ({ eventID = '' }) => (eventID === '' ? [noEventId] : []),
      })
      const language = languageOf(request)
      const feedback = faults.map((fault) => faultElement(fault, 'ERROR', language))
      const visibility = visibilityOf(caller, 'dcsa:write')
      return write({ request, reply, database }, async (unit) => {
        const { remarks, recorded } = await receiveEvents(unit, received, {
          containerVisits,
          distances,
          gateRule,
          sender: caller.organization ?? caller.subject,
          organization: organizationOf(caller, visibility),
          subject: caller.subject,
          visibility,
        })
        countRecorded(metrics, recorded)
        for (const { index, remark } of remarks) {
          const pointer = `#/events/${index}${remark.pointer.slice(1)}`
          feedback.push(faultElement({ ...remark, pointer }, remark.severity, language))
        }
        return feedback.length === 0 ? {} : { feedbackElements: withinReason(feedback, language) }
      })
    },
  )
}
