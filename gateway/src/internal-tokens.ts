import type { InternalClaims } from '@porttrack/shared/auth/internal-token'
import type { Caller } from '@porttrack/shared/auth/caller'

/**
 * Half of a token's minute, in milliseconds: what is handed out outlives any ordinary request's
 * wait for a connection.
 */
const rememberedFor = 30_000

/** Gives the token with which a caller's request goes to a service. */
export type TokenFor = (caller: Caller, service: string) => string

/**
 * Signs tokens for callers, one for each service, and remembers them. The kit knows a caller by the
 * hash of the token it brought and gives the same object while that token is remembered, so the
 * object is the key here, and both are forgotten together.
 */
export const rememberTokens = (
  sign: (service: string, claims: InternalClaims) => string,
): TokenFor => {
  const remembered = new WeakMap<Caller, Map<string, { token: string; until: number }>>()
  return (caller, service) => {
    let tokens = remembered.get(caller)
    if (!tokens) remembered.set(caller, (tokens = new Map()))
    const now = performance.now()
    const known = tokens.get(service)
    if (known && known.until > now) return known.token
    const token = sign(service, claimsOf(caller))
    tokens.set(service, { token, until: now + rememberedFor })
    return token
  }
}

const claimsOf = (caller: Caller): InternalClaims => ({
  sub: caller.subject,
  kind: caller.kind === 'machine' ? 'machine' : 'user',
  roles: [...caller.roles],
  scope: caller.scopes.join(' '),
  ...(caller.organization === null ? {} : { org: caller.organization }),
  session_exp: caller.sessionEnds,
})
