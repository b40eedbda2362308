import { type Static, Type } from 'typebox'

/** An event of the feed: CloudEvents 1.0 in JSON, with the W3C trace context extension. */
export const CloudEvent = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: Type.String({ format: 'uuid' }),
    source: Type.String({ pattern: '^/[a-z]{1,63}$', description: 'The service, `/barcos`' }),
    type: Type.String({
      maxLength: 200,
      description: 'What happened, `barcos.port-call.announced`',
    }),
    subject: Type.String({ maxLength: 200, description: 'Id of the resource it happened to' }),
    time: Type.String({ format: 'date-time' }),
    datacontenttype: Type.Literal('application/json'),
    traceparent: Type.Optional(Type.String({ maxLength: 55 })),
    data: Type.Unknown(),
  },
  { $id: 'CloudEvent' },
)
export type CloudEvent = Static<typeof CloudEvent>

/** An event as it is stored. */
export type OutboxRow = {
  position: string
  id: string
  type: string
  subject: string
  /** RFC 3339, UTC. */
  time: string
  traceparent: string | null
  data: unknown
}

/** An event of the outbox as others get it. */
export const cloudEventOf = (service: string, row: Omit<OutboxRow, 'position'>): CloudEvent => ({
  specversion: '1.0',
  id: row.id,
  source: `/${service}`,
  type: row.type,
  subject: row.subject,
  time: row.time,
  datacontenttype: 'application/json',
  ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
  data: row.data,
})

/** Events of a page of the feed at most, and characters of a position in it. */
export const feedLimits = { page: 1_000, position: 100 }

export const FeedPage = Type.Object({
  events: Type.Array(Type.Ref('CloudEvent'), { maxItems: feedLimits.page }),
  next: Type.String({
    maxLength: feedLimits.position,
    description: 'Cursor behind the last event here: `after` of the next request',
  }),
})

/** What a page of a feed looks like to a reader. */
export type FeedPage = { events: CloudEvent[]; next: string }
