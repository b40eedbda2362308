/** Clocks of two machines may differ by this much before a token counts as from the future, in seconds. */
export const clockSkew = 5

/** A token that is not accepted: answered 401. The reason is for metrics and logs, not for the caller. */
export class TokenRefusedError extends Error {
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`token refused: ${reason}`, options)
    this.name = 'TokenRefusedError'
    this.reason = reason
  }
}

/** The keys to check a token with cannot be had for now: answered 503. */
export class KeysUnavailableError extends Error {
  constructor(options?: ErrorOptions) {
    super('signing keys cannot be fetched', options)
    this.name = 'KeysUnavailableError'
  }
}
