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
 * Standard output, to which a busy process writes its lines in blocks: a block of 32 KB costs hardly
 * more than a line. A line waits no longer than a tenth of a second, and none is lost when the process
 * ends by itself. Where nobody reads them, lines are dropped: requests go on.
 */
const standardOutput = (): DestinationStream => {
  const output = pino.destination({
    dest: 1,
    sync: false,
    minLength: 32_768,
    maxWrite: 131_072,
    maxLength: 16_777_216,
    periodicFlush: 100,
    // As text, each line would have the length of the whole block before it counted anew.
    contentMode: 'buffer',
  })
  // Typed for text alone, whatever the content mode.
  const write = output.write.bind(output) as unknown as (line: Buffer) => boolean
  const gathering = {
    write: (line: string) => void write(Buffer.from(line)),
    // Looked for by pino, which has a fatal line written at once.
    flushSync: () => output.flushSync(),
  }
  return gathering
}

/**
 * A logger of one ECS JSON object a line, with `trace.id` and `span.id` of the request that is being
 * served. ERROR is for what someone should be woken for.
 */
export const createLogger = ({ service, version, level, destination }: LoggerOptions) =>
  pino(
    {
      ...ecsFormat({ serviceName: service, serviceVersion: version, apmIntegration: false }),
      level,
      timestamp: timestampOf(),
      redact: { paths: redactedPaths, censor: '[redacted]' },
      mixin: () => traceFields(trace.getActiveSpan()),
    },
    destination ?? standardOutput(),
  )

/** ECS’s field for the time of a line; a busy process writes many lines in a millisecond. */
const timestampOf = (): (() => string) => {
  let millisecond = Number.NaN
  let field = ''
  return () => {
    const now = Date.now()
    if (now !== millisecond) {
      millisecond = now
      field = `,"@timestamp":"${new Date(now).toISOString()}"`
    }
    return field
  }
}

export type Logger = ReturnType<typeof createLogger>

/** Turns off Fastify's two lines a request: the kit writes one, in ECS. Ids carry ECS's name too. */
export const ownRequestLog = () =>
  new LogController({ disableRequestLogging: true, requestIdLogLabel: 'http.request.id' })

/**
 * For the one line of each request, whose fields are ECS's already, name their trace and hold no
 * secret: looking through them for what must be renamed or not be written, and for a trace that is
 * active, would cost as much as writing them.
 */
export const requestLog = (log: FastifyBaseLogger): FastifyBaseLogger => {
  const line = log.child({}, { redact: [], formatters: { log: (fields) => fields } })
  return Object.assign(line, { [pino.symbols.mixinSym]: undefined })
}
