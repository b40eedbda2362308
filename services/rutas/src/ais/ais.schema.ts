import { type Static, Type } from 'typebox'
import { mostMessages } from './ais-catcher.ts'
import { told } from '../told.ts'

/** Rejections that are named in an answer, at most; the rest are counted. */
export const mostNamed = 100

export const IngestAnswer = Type.Object(
  {
    accepted: Type.Integer({ minimum: 0, description: 'Messages taken: stored and duplicates' }),
    stored: Type.Integer({ minimum: 0, description: 'Messages that were not known' }),
    duplicates: Type.Integer({
      minimum: 0,
      description: 'Messages stored before: the same payload within the same 30 s',
    }),
    ignored: Type.Integer({
      minimum: 0,
      description: 'Lines that are no AIS: blank, comments, other sentences',
    }),
    pending: Type.Integer({
      minimum: 0,
      description:
        'Parts in this request of messages whose other parts have not come; kept 30 s for the same sender’s next request',
    }),
    rejected: Type.Array(
      Type.Object({
        line: Type.Integer({ minimum: 1, description: 'Of the message’s first part received' }),
        reason: Type.String({ ...told.code, description: 'Stable code' }),
        detail: Type.String({ ...told.sentence, description: 'In the caller’s language' }),
      }),
      { maxItems: mostNamed, description: 'The first hundred' },
    ),
    rejectedCount: Type.Integer({ minimum: 0, description: 'All of them' }),
    rejectedByReason: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
  },
  { $id: 'IngestAnswer' },
)
export type IngestAnswer = Static<typeof IngestAnswer>

/** Shown in the OpenAPI document; a line of `application/x-ndjson`. */
export const JsonLine = Type.Object(
  {
    sentence: Type.String({
      maxLength: 4_096,
      description: 'One NMEA sentence, TAG block and all',
    }),
    time: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When it was received, should the TAG block not say',
      }),
    ),
    source: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Station that received it, should the TAG block not say',
      }),
    ),
  },
  { additionalProperties: false },
)

/** A message as AIS-catcher writes it; other properties are passed over. */
export const CatcherMessage = Type.Object(
  {
    nmea: Type.Array(Type.String({ maxLength: 4_096 }), {
      minItems: 1,
      maxItems: 9,
      description: 'The sentences of one message',
    }),
    rxuxtime: Type.Optional(
      Type.Number({ minimum: 0, description: 'When it was received, in seconds since 1970' }),
    ),
    rxtime: Type.Optional(
      Type.String({
        pattern: String.raw`^\d{14}$`,
        description: 'The same as YYYYMMDDhhmmss in UTC, should `rxuxtime` be missing',
      }),
    ),
  },
  { additionalProperties: true },
)

/** What AIS-catcher posts by HTTP; other properties are passed over. */
export const CatcherPost = Type.Object(
  {
    stationid: Type.Optional(Type.String({ description: 'Station that received the messages' })),
    msgs: Type.Array(Type.Unknown(), {
      maxItems: mostMessages,
      description:
        'Messages as in lines of application/x-ndjson; one that is wrong is rejected, and the others are kept',
    }),
  },
  { additionalProperties: true },
)
