import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '../auth/access.ts'
import { ed25519Key, signJwt, type TestKey } from './sign-jwt.ts'

/** Whom a test speaks as. */
export type Identity = {
  roles?: readonly Role[]
  scopes?: readonly string[]
  org?: string
  subject?: string
  kind?: 'user' | 'machine'
  /** Seconds until the token the caller brought ends; 3600 unless given. */
  sessionSeconds?: number
}

/** Signs the tokens of gateway and services with keys made for one test. */
export class TokenIssuer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'porttrack-keys-'))
  readonly #keys = new Map<string, TestKey>()
  readonly keySetFile = join(this.#directory, 'key-set.json')

  constructor(issuers: readonly string[] = ['gateway', 'barcos', 'carga', 'rutas', 'personal']) {
    for (const issuer of issuers) this.#keys.set(issuer, ed25519Key(`${issuer}-test`))
    this.#publish()
  }

  /** A token as the gateway makes it for `service`. */
  gatewayToken(service: string, identity: Identity = {}): string {
    const now = Math.floor(Date.now() / 1000)
    return this.sign('gateway', {
      iss: 'gateway',
      aud: service,
      sub: identity.subject ?? 'tester',
      kind: identity.kind ?? 'user',
      roles: identity.roles ?? [],
      scope: (identity.scopes ?? []).join(' '),
      ...(identity.org === undefined ? {} : { org: identity.org }),
      session_exp: now + (identity.sessionSeconds ?? 3_600),
      iat: now,
      exp: now + 60,
    })
  }

  /** A token with which one service reads another's feed. */
  serviceToken(from: string, to: string): string {
    const now = Math.floor(Date.now() / 1000)
    return this.sign(from, { iss: from, sub: from, aud: to, iat: now, exp: now + 60 })
  }

  /** Signs any claims with an issuer's key. */
  sign(issuer: string, claims: object, header: Record<string, unknown> = {}): string {
    return signJwt(claims, this.#keyOf(issuer), header)
  }

  /** Replaces an issuer's key, as a rotation does; the key set file is written anew. */
  rotate(issuer: string, keyId: string): void {
    this.#keys.set(issuer, ed25519Key(keyId))
    this.#publish()
  }

  /**
   * Publishes a second key of an issuer, which signs from then on, beside the one before.
   *
   * @returns drops the one before
   */
  add(issuer: string, keyId: string): () => void {
    const former = this.#keyOf(issuer)
    this.#keys.set(issuer, ed25519Key(keyId))
    this.#publish([[issuer, former]])
    return () => this.#publish()
  }

  /** An issuer's private key, as `SIGNING_KEY` has it. */
  signingKey(issuer: string): string {
    const { privateKey, keyId } = this.#keyOf(issuer)
    return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: keyId })
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #keyOf(issuer: string): TestKey {
    const key = this.#keys.get(issuer)
    if (!key) throw new Error(`no key was made for ${issuer}`)
    return key
  }

  #publish(former: readonly (readonly [string, TestKey])[] = []): void {
    const keys = [...this.#keys, ...former].map(([issuer, { publicKey, keyId }]) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid: keyId,
      use: 'sig',
      alg: 'EdDSA',
      issuer,
    }))
    writeFileSync(this.keySetFile, JSON.stringify({ keys }))
  }
}
