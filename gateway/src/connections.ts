import type { Socket } from 'node:net'
import { trustOf } from '@porttrack/shared/http/peer'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { metrics } from './metrics.ts'
import { networkOf } from './rate-limits.ts'

export const connectionsEnv = {
  CLIENT_CONNECTIONS: Type.Integer({
    default: 4_096,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Connections of callers that one gateway has open at a time; one more is closed at once. Of them one address, or one /64 of IPv6, may have three quarters, unless it is in TRUSTED_PROXIES. Each takes some 20 KB of memory, and some 65 KB with PUBLIC_TLS_DIR',
  }),
}

type ConnectionOptions = {
  limit: number
  /** Addresses and networks of proxies, which bring the connections of many. */
  proxies: readonly string[]
  log: Logger
  metrics: Pick<Metrics<typeof metrics>, 'clientConnections' | 'clientConnectionsRefused'>
}

/** Of all connections, what one address may have: what it keeps open must not keep all others out. */
const addressShare = 0.75

/** While connections are refused, a line says so this often, in milliseconds. */
const noteInterval = 60_000

/**
 * Closes connections that are one too many, of all or of one address, as soon as they are made: an
 * answer would cost what there is none left of. The management port is another server, and is reached
 * all the same.
 */
export const limitConnections = (
  { server }: FastifyInstance,
  { limit, proxies, log, metrics: own }: ConnectionOptions,
): void => {
  const share = Math.ceil(limit * addressShare)
  const trusted = trustOf(proxies)
  const held = new Map<string, number>()
  const noteLimit = seldom(() =>
    log.warn({ 'labels.limit': limit }, 'as many connections as there may be: others are refused'),
  )
  const noteShare = seldom((address: string) =>
    log.warn(
      { 'client.address': address, 'labels.limit': share },
      'one address has as many connections as it may: more of it are refused',
    ),
  )

  server.maxConnections = limit
  server.on('drop', () => {
    own.clientConnectionsRefused.inc()
    noteLimit()
  })

  // Before HTTP or TLS hear of a connection: they would set up what it needs, and tell of its end.
  const takers = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const holder = trusted(address) ? null : networkOf(address)
    if (holder !== null) {
      const holds = held.get(holder) ?? 0
      if (holds >= share) {
        own.clientConnectionsRefused.inc()
        noteShare(address)
        socket.destroy()
        return
      }
      held.set(holder, holds + 1)
    }
    own.clientConnections.inc()
    socket.once('close', () => {
      own.clientConnections.dec()
      if (holder === null) return
      const left = (held.get(holder) ?? 0) - 1
      if (left > 0) held.set(holder, left)
      else held.delete(holder)
    })
    for (const take of takers) Reflect.apply(take, server, [socket])
  })
}

const seldom = <Told extends unknown[]>(
  note: (...told: Told) => void,
): ((...told: Told) => void) => {
  let notedAt = Number.NEGATIVE_INFINITY
  return (...told) => {
    const now = performance.now()
    if (now - notedAt < noteInterval) return
    notedAt = now
    note(...told)
  }
}
