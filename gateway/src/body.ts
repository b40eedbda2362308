import type { IncomingMessage } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'

type BodyLimits = {
  /** Largest size in bytes. */
  size: number
  /** A body that stands still for this long while it is waited for is given up, in milliseconds. */
  stall: number
}

const bodyless = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * The body of a request on its way to a service, counted as it passes; null when there is none.
 * Fails with a ProblemError: 413 when it grows too large, 408 when nothing comes any more.
 *
 * @throws ProblemError 413 when more is announced, 400 for a method that has no body
 */
export const bodyOf = (request: IncomingMessage, limits: BodyLimits): MeteredBody | null => {
  const { 'content-length': announced, 'transfer-encoding': chunked } = request.headers
  const length = announced === undefined ? 0 : Number(announced)
  if (chunked === undefined && length === 0) return null
  if (bodyless.has(request.method ?? '')) {
    const detail = { en: `${request.method} has no body`, es: `${request.method} no lleva cuerpo` }
    throw new ProblemError(kitErrors.BAD_REQUEST, { detail })
  }
  if (length > limits.size) throw tooLarge(limits.size)
  return new MeteredBody(request, limits)
}

const tooLarge = (limit: number): ProblemError =>
  new ProblemError(kitErrors.PAYLOAD_TOO_LARGE, {
    detail: { en: `At most ${limit} bytes are taken`, es: `Se admiten ${limit} bytes como máximo` },
  })

/**
 * Stands between the caller's connection and the service's, so that an end of one does not tear
 * down the other before it is answered.
 */
class MeteredBody extends Transform {
  readonly #source: IncomingMessage
  readonly #limit: number
  readonly #watch: NodeJS.Timeout
  #seen = 0
  #seenBefore = -1

  constructor(source: IncomingMessage, { size, stall }: BodyLimits) {
    super()
    this.#source = source
    this.#limit = size
    this.#watch = setInterval(() => this.#refuseStall(), stall)
    source.pipe(this)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#seen += chunk.length
    if (this.#seen > this.#limit) done(tooLarge(this.#limit))
    else done(null, chunk)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#watch)
    done(error)
  }

  #refuseStall(): void {
    const waitedFor = !this.#source.isPaused() && !this.#source.complete
    if (waitedFor && this.#seen === this.#seenBefore) {
      this.destroy(new ProblemError(kitErrors.REQUEST_TIMEOUT))
    }
    this.#seenBefore = this.#seen
  }
}
