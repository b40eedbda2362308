import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { metrics } from './metrics.ts'

export const connectionsEnv = {
  CLIENT_CONNECTIONS: Type.Integer({
    default: 4_096,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Connections of callers that one gateway has open at a time; one more is closed at once. Each takes some 20 KB of memory, and some 65 KB with PUBLIC_TLS_DIR',
  }),
}

type ConnectionOptions = {
  limit: number
  log: Logger
  metrics: Pick<Metrics<typeof metrics>, 'clientConnections' | 'clientConnectionsRefused'>
}

/** While connections are refused, a line says so this often, in milliseconds. */
const noteInterval = 60_000

/**
 * Closes connections that are one too many as soon as they are made: an answer would cost what there
 * is none left of. The management port is another server, and is reached all the same.
 */
export const limitConnections = (
  { server }: FastifyInstance,
  { limit, log, metrics: own }: ConnectionOptions,
): void => {
  let notedAt = Number.NEGATIVE_INFINITY
  server.maxConnections = limit
  server.on('connection', (socket) => {
    own.clientConnections.inc()
    socket.once('close', () => own.clientConnections.dec())
  })
  server.on('drop', () => {
    own.clientConnectionsRefused.inc()
    const now = performance.now()
    if (now - notedAt < noteInterval) return
    notedAt = now
    log.warn({ 'labels.limit': limit }, 'as many connections as there may be: others are refused')
  })
}
