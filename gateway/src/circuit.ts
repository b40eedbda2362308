/** `probing`: one request finds out whether the service is back, the others are refused meanwhile. */
export type CircuitState = 'closed' | 'open' | 'probing'

/** A request that may go on; what became of it must be reported. */
export type Permit = 'ordinary' | 'probe'

type CircuitOptions = {
  /** Failures in a row after which it opens. */
  failures: number
  /** Milliseconds that it stays open before one request may try. */
  pause: number
  onChange: (state: CircuitState) => void
}

/**
 * Keeps requests from a service that does not answer: they are refused at once instead of waiting,
 * and the service is left in peace to come back. Any answer counts as one, whatever its status.
 */
export class Circuit {
  readonly #options: CircuitOptions
  readonly #clock: () => number
  #state: CircuitState = 'closed'
  #failures = 0
  #opened = 0

  constructor(options: CircuitOptions, clock = () => performance.now()) {
    this.#options = options
    this.#clock = clock
  }

  /** Null when the request should not be sent. */
  admit(): Permit | null {
    if (this.#state === 'closed') return 'ordinary'
    if (this.#state === 'probing' || this.retryIn > 0) return null
    this.#become('probing')
    return 'probe'
  }

  /** Milliseconds until a request may be tried; 0 when one may. */
  get retryIn(): number {
    if (this.#state === 'closed') return 0
    return Math.max(0, this.#opened + this.#options.pause - this.#clock())
  }

  /** The service has answered. */
  answered(): void {
    this.#failures = 0
    this.#become('closed')
  }

  /** The service was not reached, broke off, or let the whole time pass. */
  failed(permit: Permit): void {
    this.#failures += 1
    // A request from before the circuit opened tells nothing new.
    if (this.#state === 'closed' ? this.#failures < this.#options.failures : permit !== 'probe')
      return
    this.#opened = this.#clock()
    this.#become('open')
  }

  /** The request ended before the service could show what it does. */
  abandoned(permit: Permit): void {
    if (permit === 'probe' && this.#state === 'probing') this.#become('open')
  }

  #become(state: CircuitState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onChange(state)
  }
}
