import { JwksValidationError } from 'aws-jwt-verify/error'
import { type Jwks, SimpleJwksCache } from 'aws-jwt-verify/jwk'
import type { VerifyingKey } from './caller.ts'

type PoolKey = VerifyingKey & { withdrawn: boolean; text: string }
type PoolKeySet = { jwks: Jwks; keys: Map<string, PoolKey> }

/**
 * The keys of a user pool as they were fetched last, by their address: a pool has two issuers, and
 * each has one. A key that is no longer there, or is another under the same id, is marked as withdrawn,
 * and with it all that was verified by it. A set without any key is a fault of the other side and
 * changes nothing.
 */
export class PoolKeys extends SimpleJwksCache {
  readonly #sets = new Map<string, PoolKeySet>()
  /** Called when keys have been withdrawn, with their ids. */
  onWithdrawn: (keyIds: readonly string[]) => void = () => undefined

  /** The key with this id that is at an issuer now. */
  find(issuer: string, keyId: string): VerifyingKey | null {
    return this.#sets.get(`${issuer}/.well-known/jwks.json`)?.keys.get(keyId) ?? null
  }

  /** Fetches what has been fetched before. @throws FetchError or JwksValidationError as `getJwks` does */
  async refresh(): Promise<void> {
    await Promise.all([...this.#sets.keys()].map((uri) => this.getJwks(uri)))
  }

  /** @throws FetchError or JwksValidationError; the keys stay as they were then */
  override async getJwks(uri: string): Promise<Jwks> {
    const jwks = await super.getJwks(uri)
    const before = this.#sets.get(uri)
    if (jwks.keys.length === 0) {
      if (before !== undefined) this.addJwks(uri, before.jwks)
      throw new JwksValidationError('the set has no key')
    }
    if (jwks !== before?.jwks) this.#adopt(uri, jwks, before?.keys)
    return jwks
  }

  #adopt(uri: string, jwks: Jwks, before: ReadonlyMap<string, PoolKey> = new Map()): void {
    const keys = new Map(
      jwks.keys.map((jwk): [string, PoolKey] => {
        const [id, text] = [String(jwk.kid), JSON.stringify(jwk)]
        const known = before.get(id)
        return [id, known?.text === text ? known : { withdrawn: false, text }]
      }),
    )
    this.#sets.set(uri, { jwks, keys })
    const gone = [...before].filter(([id, key]) => keys.get(id) !== key)
    for (const [, key] of gone) key.withdrawn = true
    if (gone.length > 0) this.onWithdrawn(gone.map(([id]) => id))
  }
}
