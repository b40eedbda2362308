import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Span } from '@opentelemetry/api'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { timesSent, tokenIn } from '../auth/authenticate.ts'
import type { Caller, VerifiedToken } from '../auth/caller.ts'
import { isCurrent } from '../auth/token-memory.ts'
import { ambiguityOf } from '../http/ambiguous.ts'
import { peerReader } from '../http/peer.ts'
import { requestIdOf } from '../http/request-id.ts'
import type { RecordRequest } from '../metrics/observe-requests.ts'
import { endServerSpan, startServerSpan } from '../tracing/http-tracing.ts'
import { hasNul, isPlain } from './bodies.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Has `serve` see every request before the framework does; see docs/adr/0022. */
    serveDirectly: (serve: ServeDirectly) => void
  }
}

/**
 * Serves a request without the framework, or gives false and leaves it as it is.
 * It must not throw.
 */
export type ServeDirectly = (door: Door, raw: IncomingMessage, response: ServerResponse) => boolean

/** What the kit does around a request that is served without the framework. */
export type Door = {
  /**
   * Who asks, where nothing speaks against the request and its token is known; null leaves it to the
   * framework, which checks the token or says what is wrong.
   */
  recognise(raw: IncomingMessage): Caller | null
  /** Address of the caller. */
  addressOf(raw: IncomingMessage): string
  /** Begins the request's trace, and has its metrics and its log line follow when it is over. */
  open(raw: IncomingMessage, response: ServerResponse, about: AboutRequest): OpenRequest
}

type AboutRequest = { caller: Caller; address: string; route: string }

/** A request on its way, whoever received it. */
export type DirectRequest = {
  raw: IncomingMessage
  response: ServerResponse
  /** By which logs and services know it. */
  id: string
  caller: Caller
  /** Of the caller. */
  address: string
  protocol: string
  span: Span | null
}

type OpenRequest = DirectRequest & {
  /** Called when the connection has ended, or the answer is out as a whole. */
  onClose: (() => void) | null
}

type DoorOptions = {
  /** What is remembered of a token. */
  known: (token: string) => VerifiedToken | null
  /** Proxies that are believed about who calls. */
  proxies: readonly string[]
  record: RecordRequest
}

/**
 * Lets a process answer requests without Fastify's hooks, which cost a proxied request more than all
 * that must be done for it. Only what is in order goes this way: each check here is one that a hook
 * makes too, and what fails it is left to the hook, so that there is one place that refuses.
 */
export const directRequests = fp<DoorOptions>(async (app, { known, proxies, record }) => {
  const peers = peerReader(proxies)
  // What a connection has proved last: most send the same token again and again.
  const proved = new WeakMap<object, { header: string; verified: VerifiedToken }>()

  const verifiedOf = ({ headers, rawHeaders, socket }: IncomingMessage): VerifiedToken | null => {
    const header = headers.authorization
    if (header === undefined || timesSent('authorization', rawHeaders) !== 1) return null
    const before = proved.get(socket)
    if (before?.header === header && isCurrent(before.verified)) return before.verified
    const token = tokenIn(header)
    const verified = token === null ? null : known(token)
    if (verified !== null) proved.set(socket, { header, verified })
    return verified
  }

  const door: Door = {
    recognise: (raw) => {
      const sound =
        ambiguityOf(raw) === null &&
        isPlain(raw.headers['content-encoding']) &&
        !hasNul(raw.url ?? '') &&
        !app.isUnderPressure()
      return sound ? (verifiedOf(raw)?.caller ?? null) : null
    },
    addressOf: (raw) => peers.addressOf(raw),
    open: (raw, response, { caller, address, route }) => {
      const begun = performance.now()
      const { method = '', url = '', headers } = raw
      const protocol = peers.protocolOf(raw)
      const { span } = startServerSpan({ method, route, url, protocol, headers })
      const id = requestIdOf(raw)
      const request: OpenRequest = {
        raw,
        response,
        id,
        caller,
        address,
        protocol,
        span,
        onClose: null,
      }
      response.on('close', () => {
        const finished = response.writableFinished
        const status = finished || response.headersSent ? response.statusCode : null
        const milliseconds = performance.now() - begun
        record({ id, method, route, url, status, milliseconds, finished, address, span })
        endServerSpan(span, finished ? status : null)
        request.onClose?.()
      })
      return request
    },
  }

  app.decorate('serveDirectly', (serve) => {
    takeRequests(app, (raw, response) => serve(door, raw, response))
  })
})

/** Asks `take` first; the framework gets what it leaves. */
const takeRequests = (
  { server }: FastifyInstance,
  take: (raw: IncomingMessage, response: ServerResponse) => boolean,
): void => {
  const others = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (raw: IncomingMessage, response: ServerResponse) => {
    if (take(raw, response)) return
    for (const listener of others) listener.call(server, raw, response)
  })
}
