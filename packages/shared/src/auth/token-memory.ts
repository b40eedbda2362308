import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Tokens remembered at most; the least recently used is forgotten first. */
const capacity = 10_000

/**
 * Remembers what was learnt from a token until the token ends, so that its signature is checked
 * once. Keyed by a hash of the whole token: a changed character, were it only padding, is another
 * token and is checked anew. A token that was refused is not remembered.
 */
export class TokenMemory<Value extends { expires: number }> {
  readonly #values = new LRUCache<string, Value>({ max: capacity })

  /**
   * Gives what is remembered at once, so that a request with a known token waits for nothing.
   *
   * @param learn checks the token; what it throws is passed on
   */
  recall(token: string, learn: () => Promise<Value>): Value | Promise<Value> {
    const key = hash('sha256', token, 'base64')
    const known = this.#values.get(key)
    return known && known.expires > Date.now() / 1000 ? known : this.#learn(key, learn)
  }

  async #learn(key: string, learn: () => Promise<Value>): Promise<Value> {
    const value = await learn()
    this.#values.set(key, value)
    return value
  }
}
