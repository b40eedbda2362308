import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { ownRequestLog } from '../logging/logger.ts'

export type Readiness = {
  /** Throws, or takes too long, when requests could not be served. */
  check: () => Promise<void>
  draining: () => boolean
}

type ManagementOptions = {
  readiness: Readiness
  /** The metrics as they are now, in `contentType`. */
  metrics: () => Promise<string>
  contentType: string
}

/** A readiness check that takes longer counts as failed, in milliseconds. */
const checkTimeout = 2_000

/**
 * The management port: liveness, readiness and metrics, in plain HTTP and without tokens. It is
 * never routed to from outside, and answers when the API sheds load.
 */
export const managementApp = (
  log: FastifyBaseLogger,
  { metrics, contentType, readiness }: ManagementOptions,
): FastifyInstance => {
  const app = Fastify({ loggerInstance: log, logController: ownRequestLog() })
  app.get('/health/live', () => ({ status: 'live' }))
  app.get('/health/ready', async (request, reply) => {
    if (readiness.draining()) return reply.code(503).send({ status: 'draining' })
    try {
      await within(readiness.check(), checkTimeout)
      return { status: 'ready' }
    } catch (error) {
      request.log.warn({ err: error }, 'not ready')
      return reply.code(503).send({ status: 'not ready' })
    }
  })
  app.get('/metrics', async (_request, reply) => {
    return reply.type(contentType).send(await metrics())
  })
  return app
}

const within = async (work: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the readiness check took too long')), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
