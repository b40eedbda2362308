import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { WatchedFile } from '../service/watched-file.ts'

const PublicKey = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  kid: Type.String({ minLength: 1 }),
  issuer: Type.String({ minLength: 1 }),
})
const KeySetFile = Type.Object({ keys: Type.Array(PublicKey) })

export type TrustedKey = { issuer: string; pem: string }

/**
 * The public keys of gateway and services by key id, read again when the file has changed. A file
 * that is broken or gone leaves the keys as they were: half a rotation must not lock everyone out.
 */
export class KeySet {
  readonly #file: WatchedFile<ReadonlyMap<string, TrustedKey>>

  /** @throws when the file cannot be read at the start */
  constructor(path: string, onFault: (error: unknown) => void) {
    const parse = (text: string) => keysOf(text, path)
    this.#file = new WatchedFile(path, { parse, onFault })
  }

  find(keyId: string): TrustedKey | undefined {
    return this.#file.current().get(keyId)
  }
}

const keysOf = (text: string, path: string): ReadonlyMap<string, TrustedKey> => {
  const content: unknown = JSON.parse(text)
  if (!Value.Check(KeySetFile, content)) throw new Error(`${path} is not a set of Ed25519 keys`)
  return new Map(
    content.keys.map((key) => {
      const pem = createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
      return [
        key.kid,
        { issuer: key.issuer, pem: String(pem.export({ type: 'spki', format: 'pem' })) },
      ]
    }),
  )
}

export type SigningKey = { keyId: string; pem: string }

/**
 * A process's private key, as `SIGNING_KEY` has it.
 *
 * @throws when the text is no Ed25519 private key (JWK) with a `kid`; the message quotes nothing of it
 */
export const signingKeyOf = (text: string): SigningKey => {
  try {
    const jwk = JSON.parse(text) as JsonWebKey & { kid?: unknown }
    if (typeof jwk.kid === 'string' && jwk.crv === 'Ed25519') {
      const key = createPrivateKey({ key: jwk, format: 'jwk' })
      return { keyId: jwk.kid, pem: String(key.export({ type: 'pkcs8', format: 'pem' })) }
    }
  } catch {
    // What the parsers say may quote the key.
  }
  throw new Error('is not an Ed25519 private key (JWK) with a "kid"')
}
