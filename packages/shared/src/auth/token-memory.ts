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
    const key = keyOf(token)
    return this.#known(key) ?? this.#learn(key, learn)
  }

  /** What is remembered of a token, or null. */
  known(token: string): Value | null {
    return this.#known(keyOf(token))
  }

  #known(key: string): Value | null {
    const value = this.#values.get(key)
    return value !== undefined && isCurrent(value) ? value : null
  }

  async #learn(key: string, learn: () => Promise<Value>): Promise<Value> {
    const value = await learn()
    this.#values.set(key, value)
    return value
  }
}

const keyOf = (token: string): string => hash('sha256', token, 'base64')

/** Whether what was learnt from a token still holds. */
export const isCurrent = ({ expires }: { expires: number }): boolean => expires > Date.now() / 1_000
