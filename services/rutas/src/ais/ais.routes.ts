import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { fileBody } from '@porttrack/shared/http/file-content'
import { languageOf } from '@porttrack/shared/http/language'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { CatcherMessage, CatcherPost, JsonLine } from './ais.schema.ts'
import { DocumentMalformedError } from './intake.ts'
import { type Arrival, BodyTooLargeError, type Ingest, SenderSilentError } from './ingest.ts'

type AisRouteOptions = { ingest: Ingest; bodyLimit: number }

const formats = {
  'text/plain': 'nmea',
  'application/x-ndjson': 'ndjson',
  'application/json': 'json',
  'text/csv': 'csv',
} as const

/** Largest JSON document in bytes: unlike lines, it is held as a whole. */
const largestDocument = 2_097_152

/** Milliseconds in which a refused sender may read the answer before the connection is cut. */
const lingering = 5_000

export const aisRoutes: FastifyPluginAsyncTypebox<AisRouteOptions> = async (
  app,
  { ingest, bodyLimit },
) => {
  // Bodies are read as they come; one of lines is never held.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(Object.keys(formats), (_request, body, done) => done(null, body))

  app.post(
    '',
    {
      config: access.permit('ais:write'),
      // The lines are judged one by one, and reported one by one.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'ingestAis',
        summary: 'Hand over AIS',
        description:
          'NMEA sentences, one a line of at most 4 KiB: as they are, each in a line of JSON, or in the JSON that AIS-catcher writes by line or posts (at most 2 MiB). Or the CSV of NOAA’s MarineCadastre: each row is taken as a position report, and every six minutes of a ship’s time as its static data. Answers once all of it is durable. A message is its payload and its time to 30 s: a resend stores nothing twice. Its time is that of the TAG block, else the one beside the sentence, else that of its arrival; one more than a day in the future is rejected. After a 503 what was not answered may be sent again as it was.',
        tags: ['ais'],
        body: {
          content: {
            'text/plain': {
              schema: fileBody('NMEA sentences, one a line', {
                bytes: bodyLimit,
                example: '!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n',
              }),
            },
            'application/x-ndjson': { schema: Type.Union([JsonLine, CatcherMessage]) },
            'application/json': { schema: CatcherPost },
            'text/csv': {
              schema: fileBody('MarineCadastre’s table (UTF-8), one position a row', {
                bytes: bodyLimit,
                example:
                  'MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading\r\n367669550,2027-03-01T08:00:00,36.12,-5.43,7.1,161,160\r\n',
              }),
            },
          },
        },
        response: { 200: Type.Ref('IngestAnswer'), ...errors(408, 413, 415) },
      },
    },
    async (request, reply) => {
      const format = formatOf(request)
      const body = request.body as Readable
      const declared = Number(request.headers['content-length'] ?? 0)
      const limit = format === 'json' ? Math.min(bodyLimit, largestDocument) : bodyLimit
      reply.header('vary', 'accept-language')
      try {
        if (declared > limit) throw new BodyTooLargeError()
        const { kind, subject } = request.caller
        return await ingest.take({
          sender: `${kind}:${subject}`,
          // People are not told apart in metrics.
          source: kind === 'machine' ? subject : kind,
          format,
          language: languageOf(request),
          arrivals: arrivalsOf(body),
          limit,
        })
      } catch (error) {
        endUnread(request, reply)
        throw problemOf(error, request)
      }
    },
  )
}

async function* arrivalsOf(body: Readable): AsyncGenerator<Arrival> {
  // Node would cut the connection, and the answer with it, should reading stop early.
  const chunks: AsyncIterable<Uint8Array> = body.iterator({ destroyOnReturn: false })
  for await (const bytes of chunks) yield { bytes, station: null }
}

const formatOf = (request: FastifyRequest) => {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  const format = formats[type as keyof typeof formats]
  if (!format) throw new ProblemError(kitErrors.UNSUPPORTED_MEDIA_TYPE)
  return format
}

/** Lets the sender read why, and then ends what it still sends. */
const endUnread = (request: FastifyRequest, reply: FastifyReply): void => {
  if (request.raw.complete || request.raw.readableEnded) return
  reply.raw.once('finish', () => {
    const cut = setTimeout(() => {
      if (!request.raw.complete) request.raw.destroy()
    }, lingering)
    cut.unref()
  })
}

const problemOf = (error: unknown, request: FastifyRequest): unknown => {
  if (error instanceof BodyTooLargeError) return new ProblemError(kitErrors.PAYLOAD_TOO_LARGE)
  if (error instanceof DocumentMalformedError) {
    return new ProblemError(kitErrors.VALIDATION_FAILED, {
      errors: [{ pointer: '#', detail: error.detail }],
    })
  }
  if (error instanceof SenderSilentError) return new ProblemError(kitErrors.REQUEST_TIMEOUT)
  if (request.raw.destroyed && !request.raw.complete) {
    // Nobody reads this; it only keeps a sender that hung up from being logged as a failure.
    return new ProblemError(kitErrors.BAD_REQUEST, {
      detail: { en: 'The sender hung up', es: 'El remitente cortó' },
      cause: error,
    })
  }
  return error
}
