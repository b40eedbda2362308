import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A key that nobody guesses: 256 bits. */
export const newKey = (): string => randomBytes(32).toString('base64url')

/** What is kept of a key. A key is random, so that no slow hash is needed to protect it. */
export const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')

/** Whether a key is the one that a hash is of; it takes as long whether it is or not. */
export const isKeyOf = (key: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(key), 'hex'), Buffer.from(hash, 'hex'))
