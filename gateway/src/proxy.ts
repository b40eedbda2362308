import type { IncomingHttpHeaders } from 'node:http'
import {
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { holds } from '@porttrack/shared/auth/access'
import type { Caller } from '@porttrack/shared/auth/caller'
import { kitErrors } from '@porttrack/shared/http/errors'
import { type ProblemError, problemOf, writeProblem } from '@porttrack/shared/http/problem'
import { securityHeaders } from '@porttrack/shared/http/security-headers'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { DirectRequest } from '@porttrack/shared/service/direct'
import { tracer } from '@porttrack/shared/tracing/register'
import { traceFields } from '@porttrack/shared/tracing/trace-fields'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dispatcher } from 'undici'
import { access } from './access.ts'
import { bodyOf } from './body.ts'
import type { Permit } from './circuit.ts'
import { type Failure, failure, failureOf, isOutage, saturated } from './failures.ts'
import { takeRest } from './guard.ts'
import { answerHeaders, forwardedHeaders, type OwnHeaders, ownHeaders, valueOf } from './headers.ts'
import type { TokenFor } from './internal-tokens.ts'
import { type AnswerHandler, type Lane, type Place, silenceLimit } from './lane.ts'
import type { metrics } from './metrics.ts'
import { pathFor } from './path.ts'
import type { Control } from './plain/plain-client.ts'
import { countRequest, policyOf, type RateLimits } from './rate-limits.ts'
import type { TrackName } from './split.ts'
import { writeAtTurnEnd } from './turn-end.ts'
import { type Allowance, type OpenTrack, type OpenUpstream, publicPathsOf } from './upstreams.ts'

export type ProxyOptions = {
  connections: readonly OpenUpstream[]
  tokenFor: TokenFor
  /** A body that stands still for this long is given up, in milliseconds. */
  bodyStall: number
  rateLimits: RateLimits
  /** Web pages of other origins that may read answers. */
  origins: ReadonlySet<string>
  metrics: Metrics<typeof metrics>
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** A caller that takes nothing of its answer for this long is let go, in milliseconds. */
const unreadLimit = 60_000

/** Up to so many bytes an answer is passed on in one piece. */
const wholeLimit = 65_536

/** Timers cannot be longer, in milliseconds. */
const longestTimer = 2_147_483_647

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Passes every request under a service's name on to the service: one request there for one here,
 * bodies streamed both ways at the pace of the slower side. Those of callers who are known already
 * do not pass through the framework.
 */
export const proxyRoutes = async (app: FastifyInstance, options: ProxyOptions): Promise<void> => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  // Answers that last as long as the caller likes are ended when the gateway stops.
  const lasting = new Set<Exchange>()
  app.addHook('preClose', async () => {
    for (const exchange of lasting) exchange.stop()
  })

  const services = new Map(
    options.connections.map((upstream): [string, Served] => [
      upstream.name,
      { ...options, upstream, lasting, app, route: `/${upstream.name}/*` },
    ]),
  )
  for (const served of services.values()) {
    // No promise is returned: the exchange takes the connection over.
    const pass = (request: FastifyRequest, reply: FastifyReply): void => {
      const { raw, id, ip: address, protocol, span } = request
      const caller = request.routeOptions.config.public ? nobody : request.caller
      const { raw: response } = reply.hijack()
      const direct = { raw, response, id, caller, address, protocol, span }
      const exchange = new Exchange(direct, () => ownHeaders(reply.getHeaders()), served)
      response.once('close', () => exchange.closed())
      exchange.begin()
    }
    app.route({
      method: [...methods],
      url: served.route,
      config: access.permit('service:call'),
      schema: { hide: true },
      handler: pass,
    })
    for (const url of publicPathsOf(served.upstream.name)) {
      app.route({
        method: ['GET', 'HEAD'],
        url,
        config: { public: true },
        schema: { hide: true },
        handler: pass,
      })
    }
  }
  serveKnownCallers(app, { ...options, services })
}

/** Who asks where no token is needed. Whatever else this caller should reach refuses it: it holds nothing. */
const nobody: Caller = {
  kind: 'user',
  subject: 'nobody',
  roles: [],
  scopes: [],
  organization: null,
  sessionEnds: Number.MAX_SAFE_INTEGER,
}

type KnownOptions = ProxyOptions & { services: ReadonlyMap<string, Served> }

/** Serves what needs nothing of the framework. What this leaves is refused, or learnt, there. */
const serveKnownCallers = (
  app: FastifyInstance,
  { services, rateLimits, origins }: KnownOptions,
): void => {
  const policy = policyOf(rateLimits)
  const { sent: everyAnswer, names } = ownHeaders({
    ...securityHeaders,
    ...(origins.size > 0 ? { vary: 'origin' } : {}),
    ...(policy === null ? {} : { 'ratelimit-policy': policy }),
  })
  const ownNames = new Set([...names, 'x-request-id', ...(policy === null ? [] : ['ratelimit'])])

  app.serveDirectly((door, raw, response) => {
    const served = services.get(firstSegmentOf(raw.url ?? ''))
    if (served === undefined || !methods.has(raw.method ?? '')) return false
    if (origins.size > 0 && raw.headers.origin !== undefined) return false
    const caller = door.recognise(raw)
    if (caller === null || !holds(caller, access.grants['service:call'])) return false
    const address = door.addressOf(raw)
    const standing = countRequest(rateLimits, { address, caller })
    if (standing === null) return false
    const direct = door.open(raw, response, { caller, address, route: served.route })
    const own = (): OwnHeaders => {
      const sent = [...everyAnswer, 'x-request-id', direct.id]
      if (policy !== null) sent.push('ratelimit', standing)
      return { sent, names: ownNames }
    }
    const exchange = new Exchange(direct, own, served)
    direct.onClose = () => {
      takeRest(raw)
      exchange.closed()
    }
    exchange.begin()
    return true
  })
}

/** `barcos` of `/barcos/v1/vessels`; empty where there is no such beginning. */
const firstSegmentOf = (url: string): string => {
  const end = url.indexOf('/', 1)
  return url.startsWith('/') && end > 0 ? url.slice(1, end) : ''
}

/** What the requests to one service have in common. */
type Served = Omit<ProxyOptions, 'connections' | 'rateLimits' | 'origins'> & {
  upstream: OpenUpstream
  lasting: Set<Exchange>
  app: FastifyInstance
  /** As metrics and logs know it. */
  route: string
}

/** One request and its answer; the upstream side tells it how that goes. */
class Exchange implements AnswerHandler {
  readonly #request: DirectRequest
  readonly #own: () => OwnHeaders
  readonly #served: Served
  #lane: Lane | null = null
  #place: Place | null = null
  #laneName: Allowance['lane'] = 'calls'
  #track: OpenTrack | null = null
  /** Until what became of the request is known to the circuit. */
  #permit: Permit | null = null
  /** Whether the caller waits less than the path allows. */
  #hurried = false
  #control: Control | null = null
  #timer: NodeJS.Timeout | undefined
  #unread: NodeJS.Timeout | undefined
  #span: Span | null = null
  #sentAt = 0
  /** Bytes of the answer's body, where the service says so beforehand. */
  #announced = -1
  /** The answer's body, each character an octet. */
  #whole: string | null = null
  #paused = false
  #over = false

  /** @param own gives the headers that the answer has from the gateway */
  constructor(request: DirectRequest, own: () => OwnHeaders, served: Served) {
    this.#request = request
    this.#own = own
    this.#served = served
  }

  /** Sends the request on, or answers why not. */
  begin(): void {
    try {
      this.#send()
    } catch (error) {
      const problem = problemOf(error)
      if (problem.kind === kitErrors.INTERNAL) {
        this.#log('error', { err: error }, 'request failed')
      }
      this.#end()
      this.#refuse(problem)
    }
  }

  /** @throws ProblemError when the request is not one to pass on */
  #send(): void {
    const { upstream, bodyStall } = this.#served
    const { raw, caller } = this.#request
    const { path, target } = pathFor(upstream.name, raw.url ?? '')
    const allowance = upstream.allowanceOf(path, raw.headers.accept)
    const body = bodyOf(raw, { size: allowance.bodyLimit, stall: bodyStall })
    // The upstream side listens only while it sends; nobody listening would end the process.
    body?.on('error', (error) => this.#fail(failureOf(error)))
    const track = upstream.trackFor(caller, wishOf(this.#request))
    this.#track = track
    this.#laneName = allowance.lane
    const lane = track.lanes[allowance.lane]
    const milliseconds = this.#budget(allowance)
    this.#hurried = milliseconds < allowance.budget
    const place = milliseconds <= 0 ? failure('late') : this.#enter(track, lane)
    if ('reason' in place) {
      body?.destroy()
      return this.#fail(place)
    }
    if (allowance.lane === 'streams') this.#served.lasting.add(this)
    this.#timer = setTimeout(() => this.#late(), milliseconds)
    this.#sentAt = performance.now()
    lane.send(
      place,
      {
        method: raw.method ?? '',
        path: target,
        headers: this.#headers(track, Date.now() + milliseconds, body !== null),
        body,
        silenceLimit: allowance.lane === 'streams' ? 0 : silenceLimit,
      },
      this,
    )
  }

  /** Takes a place on the way to the service; why not when there is none. */
  #enter({ circuit }: OpenTrack, lane: Lane): Place | Failure {
    const place = lane.enter(this.#request.caller.subject)
    if (place === null) return saturated
    this.#lane = lane
    this.#place = place
    this.#permit = circuit.admit()
    return this.#permit === null ? failure('open', { retryIn: circuit.retryIn }) : place
  }

  /** Ends an answer that would last, in good order if it has begun. */
  stop(): void {
    if (this.#over) return
    if (!this.#request.response.headersSent) return this.#fail(failure('stopping'))
    this.#finish()
    this.#control?.abort(new Error('the answer has been ended'))
  }

  /** The connection has ended, or the answer is out as a whole. */
  closed(): void {
    if (this.#over) return
    this.#end()
    this.#control?.abort(new Error('the caller has gone'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.onStart(controller)
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.onHead(status, pairsOf(headers))
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#pass(chunk)
  }

  onResponseEnd(): void {
    this.onEnd()
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.onError(error)
  }

  onStart(control: Control): void {
    this.#control = control
    if (this.#over) return control.abort(new Error('given up before it was sent'))
    const { raw, response } = this.#request
    // A caller that speaks HTTP/1.0 knows no interim answers (RFC 9110 §15.2).
    if (raw.headers.expect !== undefined && raw.httpVersion === '1.1') response.writeContinue()
  }

  onHead(status: number, headers: readonly string[]): void {
    if (this.#over || status < 200) return
    clearTimeout(this.#timer)
    this.#track?.circuit.answered()
    this.#permit = null
    const { upstream, metrics } = this.#served
    metrics.upstreamDuration.observe(
      {
        upstream: upstream.name,
        track: this.#track?.track ?? '',
        status_class: `${Math.floor(status / 100)}xx`,
        lane: this.#laneName,
      },
      (performance.now() - this.#sentAt) / 1_000,
    )
    this.#span?.setAttribute('http.response.status_code', status)
    if (redirects.has(status)) return this.#fail(failure('redirected'))
    if (status === 401) return this.#fail(failure('token'))

    const { name: service } = upstream
    const origin = this.#track?.origin ?? ''
    const { raw, response } = this.#request
    this.#closeWhenStopping()
    response.writeHead(status, answerHeaders(headers, { own: this.#own(), service, origin }))
    const length = valueOf(headers, 'content-length')
    if (length !== undefined) this.#announced = Number(length)
    // Where no body can follow, the end does, and takes the headers with it.
    else if (raw.method !== 'HEAD' && status !== 204 && status !== 304) response.flushHeaders()
    if (valueOf(headers, 'content-type')?.startsWith('text/event-stream')) {
      this.#served.lasting.add(this)
      const sessionEndsIn = this.#request.caller.sessionEnds * 1_000 - Date.now()
      this.#timer = setTimeout(() => this.stop(), Math.min(sessionEndsIn, longestTimer))
    }
  }

  onWhole(body: string): void {
    if (!this.#over) this.#whole = body
  }

  onData(data: Buffer): void {
    this.#pass(Buffer.from(data))
  }

  onEnd(): void {
    if (!this.#over) this.#finish()
  }

  onError(error: Error): void {
    this.#fail(failureOf(error))
  }

  #pass(chunk: Buffer): void {
    if (this.#over) return
    // A body that is here as a whole waits for its end, which comes at once: see #finish.
    if (chunk.length === this.#announced && chunk.length <= wholeLimit) {
      this.#whole = chunk.toString('latin1')
      return
    }
    const { response } = this.#request
    if (response.write(chunk) || this.#paused) return
    this.#paused = true
    this.#control?.pause()
    this.#unread = setTimeout(() => response.destroy(), unreadLimit)
    response.once('drain', () => {
      this.#paused = false
      clearTimeout(this.#unread)
      this.#control?.resume()
    })
  }

  /** Milliseconds for the whole: the path's, or less if the caller waits less. */
  #budget({ budget }: Allowance): number {
    const wanted = this.#request.raw.headers['x-request-deadline']
    if (typeof wanted !== 'string' || !/^\d{13}$/.test(wanted)) return budget
    return Math.min(budget, Number(wanted) - Date.now())
  }

  #headers(track: OpenTrack, deadline: number, hasBody: boolean): string[] {
    const { upstream, tokenFor } = this.#served
    const { raw, id, caller, address, protocol } = this.#request
    const headers = forwardedHeaders(raw.headers)
    const length = raw.headers['content-length']
    if (hasBody && length !== undefined) headers.push('content-length', length)
    headers.push(
      'authorization',
      `Bearer ${tokenFor(caller, upstream.name)}`,
      'x-forwarded-for',
      address,
      'x-forwarded-proto',
      protocol,
      'x-forwarded-host',
      raw.headers.host ?? '',
      'x-request-id',
      id,
      'x-request-deadline',
      String(Math.floor(deadline)),
    )
    this.#trace(headers, track)
    return headers
  }

  /** Sends the trace on; a span is made only where the trace is recorded. */
  #trace(headers: string[], { origin, track }: OpenTrack): void {
    const { span: server, raw } = this.#request
    if (!server) return
    const parent = trace.setSpan(ROOT_CONTEXT, server)
    if (server.isRecording()) {
      const { method = '' } = raw
      const { host } = new URL(origin)
      this.#span = tracer().startSpan(
        method,
        {
          kind: SpanKind.CLIENT,
          attributes: {
            'http.request.method': method,
            'server.address': host,
            'porttrack.track': track,
          },
        },
        parent,
      )
    }
    propagation.inject(
      this.#span ? trace.setSpan(ROOT_CONTEXT, this.#span) : parent,
      headers,
      pairs,
    )
  }

  #late(): void {
    // A body that is still on its way is the caller's delay, not the service's.
    this.#fail(failure(this.#request.raw.complete ? 'late' : 'body'))
  }

  #finish(): void {
    const { response } = this.#request
    const whole = this.#whole
    writeAtTurnEnd(response, () => {
      // As text of single bytes it goes out in one write with the headers, where a buffer takes two.
      if (whole === null) response.end()
      else response.end(whole, 'latin1')
    })
    this.#end()
  }

  /** Tells the caller, or breaks the connection where part of an answer is already out. */
  #fail({ problem, reason }: Failure): void {
    if (this.#over) return
    this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: reason })
    if (this.#permit !== null && isOutage(reason) && !(reason === 'late' && this.#hurried)) {
      this.#track?.circuit.failed(this.#permit)
      this.#permit = null
    }
    this.#end()
    const { upstream, metrics } = this.#served
    const { response } = this.#request
    metrics.upstreamFailures.inc({
      upstream: upstream.name,
      track: this.#track?.track ?? '',
      reason,
    })
    // The request's own line and the metric tell of those that were not sent.
    if (reason !== 'open' && reason !== 'saturated') {
      const fields = { err: problem.cause, 'event.reason': reason }
      this.#log(
        'warn',
        { ...fields, 'labels.upstream': upstream.name },
        'no answer from the service',
      )
    }
    this.#control?.abort(problem)
    if (response.headersSent) response.destroy()
    else this.#refuse(problem)
  }

  #refuse(problem: ProblemError): void {
    this.#closeWhenStopping()
    writeProblem(this.#request, problem, {
      requestId: this.#request.id,
      contracts: this.#served.app.contracts,
      own: this.#own().sent,
    })
  }

  /** Has the caller make a new connection for its next request. */
  #closeWhenStopping(): void {
    if (this.#served.app.isDraining()) this.#request.response.shouldKeepAlive = false
  }

  #log(level: 'warn' | 'error', fields: object, message: string): void {
    const { id, span } = this.#request
    this.#served.app.log[level]({ 'http.request.id': id, ...traceFields(span), ...fields }, message)
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
    clearTimeout(this.#unread)
    this.#span?.end()
    if (this.#permit !== null) this.#track?.circuit.abandoned(this.#permit)
    this.#permit = null
    const place = this.#place
    this.#place = null
    if (place !== null) this.#lane?.leave(place)
    this.#served.lasting.delete(this)
  }
}

/** The release that a caller has asked for, where the caller may: `x-canary: always` or `never`. */
const wishOf = ({ raw, caller }: DirectRequest): TrackName | null => {
  const wish = wishes.get(String(raw.headers['x-canary'] ?? ''))
  return wish !== undefined && holds(caller, access.grants['canary:choose']) ? wish : null
}

const wishes: ReadonlyMap<string, TrackName> = new Map([
  ['always', 'canary'],
  ['never', 'stable'],
])

/** Names and values in turn, each field by itself. */
const pairsOf = (headers: IncomingHttpHeaders): string[] => {
  const pairs: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') pairs.push(name, value)
    else for (const each of value ?? []) pairs.push(name, each)
  }
  return pairs
}

const pairs = {
  set: (headers: string[], name: string, value: string) => void headers.push(name, value),
}
