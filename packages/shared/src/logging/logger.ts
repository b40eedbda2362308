import { ecsFormat } from '@elastic/ecs-pino-format'
import { trace } from '@opentelemetry/api'
import { type FastifyBaseLogger, LogController } from 'fastify'
import { type DestinationStream, pino } from 'pino'
import { traceFields } from '../tracing/trace-fields.ts'
import { redactedPaths } from './redaction.ts'

export type LoggerOptions = {
  service: string
  version: string
  /** fatal, error, warn, info, debug, trace or silent. */
  level: string
  /** Where lines go; standard output unless given. */
  destination?: DestinationStream
}

/**
 * A busy process writes its lines in blocks, which costs a tenth of what single writes do; a line waits
 * no longer than a tenth of a second, and none is lost when the process ends by itself.
 */
const gathered = { dest: 1, sync: false, minLength: 16_384, maxWrite: 65_536, periodicFlush: 100 }

/**
 * A logger of one ECS JSON object a line, with `trace.id` and `span.id` of the request that is being
 * served. ERROR is for what someone should be woken for.
 */
export const createLogger = ({ service, version, level, destination }: LoggerOptions) =>
  pino(
    {
      ...ecsFormat({ serviceName: service, serviceVersion: version, apmIntegration: false }),
      level,
      redact: { paths: redactedPaths, censor: '[redacted]' },
      mixin: () => traceFields(trace.getActiveSpan()),
    },
    destination ?? pino.destination(gathered),
  )

export type Logger = ReturnType<typeof createLogger>

/** Turns off Fastify's two lines a request: the kit writes one, in ECS. Ids carry ECS's name too. */
export const ownRequestLog = () =>
  new LogController({ disableRequestLogging: true, requestIdLogLabel: 'http.request.id' })

/**
 * For the one line of each request, whose fields are ECS's already and hold no secret: looking through
 * them for what must be renamed or not be written would cost as much as writing them.
 */
export const requestLog = (log: FastifyBaseLogger): FastifyBaseLogger =>
  log.child({}, { redact: [], formatters: { log: (fields) => fields } })
