import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { VerifiedToken } from './caller.ts'

/** Tokens remembered at most; the least recently used is forgotten first. */
const capacity = 10_000

/**
 * Remembers what was learnt from a token until the token ends or the key that it was verified by is
 * withdrawn, so that its signature is checked once. Keyed by a hash of the whole token: a changed
 * character, were it only padding, is another token and is checked anew. A token that was refused is
 * not remembered.
 */
export class TokenMemory {
  readonly #values = new LRUCache<string, VerifiedToken>({ max: capacity })

  /**
   * Gives what is remembered at once, so that a request with a known token waits for nothing.
   *
   * @param learn checks the token; what it throws is passed on
   */
  recall(
    token: string,
    learn: () => Promise<VerifiedToken>,
  ): VerifiedToken | Promise<VerifiedToken> {
    const key = keyOf(token)
    return this.#known(key) ?? this.#learn(key, learn)
  }

  /** What is remembered of a token, or null. */
  known(token: string): VerifiedToken | null {
    return this.#known(keyOf(token))
  }

  #known(key: string): VerifiedToken | null {
    const value = this.#values.get(key)
    return value !== undefined && isCurrent(value) ? value : null
  }

  async #learn(key: string, learn: () => Promise<VerifiedToken>): Promise<VerifiedToken> {
    const value = await learn()
    this.#values.set(key, value)
    return value
  }
}

const keyOf = (token: string): string => hash('sha256', token, 'base64')

/** Whether what was learnt from a token still holds. */
export const isCurrent = ({ expires, key }: Pick<VerifiedToken, 'expires' | 'key'>): boolean =>
  expires > Date.now() / 1_000 && !key?.withdrawn
