import fastifyJwt from '@fastify/jwt'
import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Caller, VerifiedToken } from './caller.ts'
import type { KeySet, SigningKey } from './key-set.ts'
import { longestSubject } from './subject.ts'
import { clockSkew, TokenRefusedError } from './token-errors.ts'

/** The only process that may speak for users and machines. */
export const gatewayIssuer = 'gateway'

/** An internal token lives this long, in seconds: long enough for a slow request, too short to hoard. */
export const internalTokenLifetime = 60

const Claims = Type.Object({
  iss: Type.String(),
  aud: Type.String(),
  sub: Type.String({ minLength: 1, maxLength: longestSubject }),
  iat: Type.Number(),
  exp: Type.Number(),
  kind: Type.Optional(Type.Union([Type.Literal('user'), Type.Literal('machine')])),
  roles: Type.Optional(Type.Array(Type.String())),
  scope: Type.Optional(Type.String()),
  org: Type.Optional(Type.String()),
  session_exp: Type.Optional(Type.Number()),
})

/** What a token says of its bearer: nothing more than `sub` when a service speaks for itself. */
export type InternalClaims = Pick<
  Static<typeof Claims>,
  'sub' | 'kind' | 'roles' | 'scope' | 'org' | 'session_exp'
>

export type InternalTokens = {
  /** Signs a token for one service. @throws when this process has no signing key */
  sign(audience: string, claims: InternalClaims): string
  /** @throws TokenRefusedError when the token is not one made for this process by who may make it */
  verify(token: string): VerifiedToken
}

type InternalTokenOptions = {
  /** This process's name: issuer of what it signs, audience of what it accepts. */
  name: string
  /** Changes when it is rotated. */
  signingKey: (() => SigningKey) | null
  keySet: KeySet | null
}

/**
 * The tokens with which gateway and services prove to each other who asks: EdDSA, made for one
 * audience, valid for a minute.
 */
export const registerInternalTokens = async (
  app: FastifyInstance,
  { name, signingKey, keySet }: InternalTokenOptions,
): Promise<InternalTokens> => {
  await app.register(fastifyJwt, {
    // Both keys are named at each call: the private one may be absent and changes, the public one
    // depends on `kid`.
    secret: { private: signingKey?.().pem ?? '', public: () => Promise.resolve('') },
    sign: signingKey ? { algorithm: 'EdDSA' } : {},
  })
  return {
    sign: (audience, claims) => {
      if (!signingKey) throw new Error('SIGNING_KEY is needed to call another service')
      const { pem, keyId } = signingKey()
      return app.jwt.sign(claims, {
        algorithm: 'EdDSA',
        key: pem,
        kid: keyId,
        iss: name,
        aud: audience,
        expiresIn: internalTokenLifetime,
      })
    },
    verify: (token) => {
      const issuerKey = keySet?.find(keyIdOf(app, token))
      if (!issuerKey) throw new TokenRefusedError('unknown-key')
      let claims: unknown
      try {
        claims = app.jwt.verify(token, {
          key: issuerKey.pem,
          algorithms: ['EdDSA'],
          allowedIss: issuerKey.issuer,
          allowedAud: name,
          requiredClaims: ['exp', 'iat'],
        })
      } catch (error) {
        throw new TokenRefusedError('invalid-internal-token', { cause: error })
      }
      if (!Value.Check(Claims, claims)) throw new TokenRefusedError('malformed-claims')
      if (claims.iat > Date.now() / 1_000 + clockSkew) throw new TokenRefusedError('not-yet-valid')
      // Whoever holds a key must not make tokens that outlive its rotation.
      if (claims.exp - claims.iat > internalTokenLifetime)
        throw new TokenRefusedError('lives-too-long')
      return { caller: callerOf(claims), expires: claims.exp, key: null }
    },
  }
}

const keyIdOf = (app: FastifyInstance, token: string): string => {
  try {
    const decoded = app.jwt.decode<{ header?: { kid?: unknown; crit?: unknown } }>(token, {
      complete: true,
    })
    const { kid, crit } = decoded?.header ?? {}
    if (typeof kid === 'string' && crit === undefined) return kid
  } catch (error) {
    throw new TokenRefusedError('malformed', { cause: error })
  }
  throw new TokenRefusedError('no-key-id')
}

const callerOf = (claims: Static<typeof Claims>): Caller => {
  if (claims.iss !== gatewayIssuer) {
    if (claims.sub !== claims.iss) throw new TokenRefusedError('service-speaks-for-another')
    return {
      kind: 'service',
      subject: claims.sub,
      roles: [],
      scopes: [],
      organization: null,
      sessionEnds: claims.exp,
    }
  }
  return {
    kind: claims.kind ?? 'user',
    subject: claims.sub,
    roles: claims.roles ?? [],
    scopes: (claims.scope ?? '').split(' ').filter((scope) => scope !== ''),
    organization: claims.org ?? null,
    sessionEnds: claims.session_exp ?? claims.exp,
  }
}
