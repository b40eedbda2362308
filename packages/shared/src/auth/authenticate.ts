import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Counter } from 'prom-client'
import { kitErrors } from '../http/errors.ts'
import { ProblemError } from '../http/problem.ts'
import { type Grant, holds } from './access.ts'
import type { Caller, VerifiedToken } from './caller.ts'
import { KeysUnavailableError, TokenRefusedError } from './token-errors.ts'

/** A route and what it asks of callers. */
export type GuardedRoute = {
  method: string
  path: string
  /** Null for a public route. */
  permission: string | null
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route of the app; complete once the app is ready. */
    guardedRoutes: readonly GuardedRoute[]
  }
  interface FastifyRequest {
    /** Who asks; set before any handler of a route that is not public. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** What the caller must be granted, by the service's access table. */
    permission?: string
    /** Set on the few routes that need no token. */
    public?: true
  }
}

type AuthenticateOptions = {
  access: { readonly grants: Readonly<Record<string, Grant>> }
  /** Checks a token; gives what it says at once where that is remembered. */
  verify: (token: string) => VerifiedToken | Promise<VerifiedToken>
  failures: Counter<'reason'>
}

const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Refuses every request without an accepted token and without the permission its route names. A
 * route that names neither a permission nor that it is public stops the service from starting.
 */
export const authenticate = fp<AuthenticateOptions>(async (app, options) => {
  const { access, verify, failures } = options
  app.decorateRequest('caller', null as unknown as Caller)
  refuseUnguardedRoutes(app, access)

  app.addHook('onRequest', (request, _reply, done) => {
    const { config } = request.routeOptions
    if (config.public || request.is404) return done()
    const admit = ({ caller }: VerifiedToken) => {
      request.caller = caller
      const grant = access.grants[config.permission ?? '']
      done(grant && holds(caller, grant) ? undefined : new ProblemError(kitErrors.FORBIDDEN))
    }
    const refuse = (error: unknown) => done(refusalOf(request, error))
    let verified: VerifiedToken | Promise<VerifiedToken>
    try {
      verified = verify(tokenOf(request.raw))
    } catch (error) {
      return refuse(error)
    }
    if (verified instanceof Promise) void verified.then(admit, refuse)
    else admit(verified)
  })

  const refusalOf = (request: FastifyRequest, error: unknown): Error => {
    if (error instanceof KeysUnavailableError) {
      request.log.warn({ err: error }, 'tokens cannot be checked')
      return new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '5' } })
    }
    if (!(error instanceof TokenRefusedError)) return error as Error
    failures.inc({ reason: error.reason })
    request.log.info({ 'event.outcome': 'failure', 'event.reason': error.reason }, 'token refused')
    const challenge = error.reason === 'absent' ? 'Bearer' : 'Bearer error="invalid_token"'
    return new ProblemError(kitErrors.UNAUTHENTICATED, {
      headers: { 'www-authenticate': challenge },
    })
  }
})

/**
 * The token that a request brings.
 *
 * @throws ProblemError 400 when there is more than one, TokenRefusedError when there is none
 */
const tokenOf = (request: IncomingMessage): string => {
  if (timesSent('authorization', request.rawHeaders) > 1) {
    throw new ProblemError(kitErrors.BAD_REQUEST, {
      detail: {
        en: 'More than one Authorization header',
        es: 'Más de una cabecera Authorization',
      },
    })
  }
  const header = request.headers.authorization
  if (header === undefined) throw new TokenRefusedError('absent')
  const token = tokenIn(header)
  if (token === null) throw new TokenRefusedError('malformed')
  return token
}

/** The token of an `Authorization` header, or null. */
export const tokenIn = (header: string): string | null => bearer.exec(header)?.[1] ?? null

/**
 * How often a header was sent. Node keeps only the first of two Authorization headers; what was sent is
 * in the raw list of names and values in turn.
 *
 * @param name in lower case
 */
export const timesSent = (name: string, headers: readonly string[]): number => {
  let times = 0
  for (let index = 0; index < headers.length; index += 2) {
    const sent = headers[index] ?? ''
    if (sent.length === name.length && sent.toLowerCase() === name) times += 1
  }
  return times
}

const refuseUnguardedRoutes = (
  app: FastifyInstance,
  access: AuthenticateOptions['access'],
): void => {
  const routes: RouteOptions[] = []
  const guarded: GuardedRoute[] = []
  app.decorate('guardedRoutes', guarded)
  app.addHook('onRoute', (route) => void routes.push(route))
  // Only now have all hooks of the scopes, which may make a whole plugin public, seen the routes.
  app.addHook('onReady', async () => {
    for (const { method, url, config } of routes) {
      const permission = config?.public ? null : (config?.permission ?? '')
      if (permission !== null && !(permission in access.grants)) {
        throw new Error(`${String(method)} ${url} names no permission that the access table grants`)
      }
      for (const each of [method].flat()) guarded.push({ method: each, path: url, permission })
    }
  })
}
