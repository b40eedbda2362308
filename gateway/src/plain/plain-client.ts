import type { OnReadOpts, Socket } from 'node:net'
import type { Dial } from '@porttrack/shared/tls/peer-dial'
import { AnswerReader, type AnswerTaker } from './answer-reader.ts'
import { writeAtTurnEnd } from '../turn-end.ts'
import { BrokenAnswerError } from './broken-answer.ts'

/** A request without a body. */
export type PlainRequest = {
  method: string
  /** Path and query. */
  target: string
  /** Names in lower case and values in turn, without those of the connection. */
  headers: readonly string[]
}

/** Who asks; told in this order, and nothing after `onEnd` or `onError`. */
export type PlainHandler = AnswerTaker & {
  /** Called when the request is about to be sent, on a connection that is there. */
  onStart(turn: Control): void
  /** The answer did not come, or not whole; the request may have been served all the same. */
  onError(error: Error): void
}

/** What ends the upstream side of a request, or has it wait. */
export type Control = {
  /** Ends it, and the connection with it; the handler is told nothing more. */
  abort(reason: Error): void
  /** Has no more of the answer come until `resume`; what has been read already still comes. */
  pause(): void
  resume(): void
}

type PlainClientOptions = {
  /** Makes the connections. */
  dial: Dial
  /** Milliseconds in which a connection must be made. */
  connectLimit: number
  /** A connection that nothing was sent on for this long is closed, in milliseconds. */
  idleLimit: number
  /** An answer whose next bytes do not come for this long is given up, in milliseconds. */
  silenceLimit: number
}

/** Nothing can be sent any more. */
class ClientClosedError extends Error {
  readonly code = 'ERR_CLIENT_CLOSED'

  constructor() {
    super('the connections to the service are closed')
    this.name = 'ClientClosedError'
  }
}

class ConnectTimeoutError extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(limit: number) {
    super(`no connection within ${limit} milliseconds`)
    this.name = 'ConnectTimeoutError'
  }
}

/** A request that would not be one request, or not the one that was meant. */
class UnsendableError extends Error {
  readonly code = 'ERR_UNSENDABLE'

  constructor() {
    super('the request has characters that cannot be sent')
    this.name = 'UnsendableError'
  }
}

/** How often connections are looked at, in milliseconds. */
const interval = 500

/** Lines of a request beside its fields: the first, two of the connection, the empty one at the end. */
const linesBesideFields = 4

/**
 * A request of so many lines, each of them text (RFC 9112 §3, RFC 9110 §5.5): a target or a value
 * with an end of a line in it makes one more.
 */
const requestOf = (lines: number): RegExp =>
  new RegExp(`^(?:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n){${lines}}$`)

/** By the number of fields; of a request with more than these, which is rare, it is made anew. */
const usualRequests = Array.from({ length: 64 }, (_, fields) =>
  requestOf(fields + linesBesideFields),
)

/**
 * Asks a service over HTTP/1.1 for what needs no body: each request in one write on a
 * connection that no other uses meanwhile, and never a second time. What its answers may be is
 * decided in `AnswerReader`.
 */
export class PlainClient {
  readonly #options: PlainClientOptions
  readonly #opening: string
  readonly #connections = new Set<PlainConnection>()
  /** The one that was used last is used first, so that those that are not needed end. */
  readonly #idle: PlainConnection[] = []
  readonly #watch: NodeJS.Timeout
  #closing: (() => void) | null = null
  #closed = false

  /** @param origin such as `http://127.0.0.1:8101` */
  constructor(origin: string, options: PlainClientOptions) {
    const { host } = new URL(origin)
    this.#options = options
    this.#opening = ` HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`
    this.#watch = setInterval(() => this.#look(), interval).unref()
  }

  /** Sends a request, over a new connection where none is free; does not throw. */
  send(request: PlainRequest, handler: PlainHandler): void {
    if (this.#closed) return handler.onError(new ClientClosedError())
    const text = this.#write(request)
    if (text === null) return handler.onError(new UnsendableError())
    const turn = new PlainTurn(request.method, text, handler)
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined) break
      if (connection.usable(this.#options.idleLimit)) return connection.begin(turn)
      connection.close()
    }
    const connection = new PlainConnection(this.#options, {
      onFree: (free) => this.#takeBack(free),
      onClosed: (closed) => this.#forget(closed),
    })
    this.#connections.add(connection)
    connection.begin(turn)
  }

  /** Lets requests on their way finish. */
  close(): Promise<void> {
    this.#closed = true
    for (const connection of this.#idle.splice(0)) connection.close()
    return new Promise((resolve) => {
      this.#closing = resolve
      this.#settle()
    })
  }

  /** Breaks off what is on its way. */
  destroy(): void {
    this.#closed = true
    for (const connection of this.#connections) connection.fail(new ClientClosedError())
    this.#settle()
  }

  /** Null where it would not be one request, or not the one that was meant. */
  #write({ method, target, headers }: PlainRequest): string | null {
    let text = `${method} ${target}${this.#opening}`
    for (let at = 0; at < headers.length; at += 2) {
      text += `${headers[at] ?? ''}: ${headers[at + 1] ?? ''}\r\n`
    }
    text += '\r\n'
    const fields = headers.length / 2
    const whole = usualRequests[fields] ?? requestOf(fields + linesBesideFields)
    return whole.test(text) ? text : null
  }

  #takeBack(connection: PlainConnection): void {
    if (this.#closed) connection.close()
    else this.#idle.push(connection)
  }

  #forget(connection: PlainConnection): void {
    this.#connections.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#settle()
  }

  #settle(): void {
    if (!this.#closed || this.#connections.size > 0) return
    clearInterval(this.#watch)
    this.#closing?.()
    this.#closing = null
  }

  #look(): void {
    const { idleLimit, silenceLimit } = this.#options
    for (const connection of this.#connections) {
      // As seen at the next look it would be too late.
      if (connection.idle && !connection.usable(idleLimit - interval)) connection.close()
      else connection.watchSilence(silenceLimit, interval)
    }
  }
}

/** One request on its connection, which its handler can end. */
class PlainTurn implements Control {
  readonly method: string
  readonly text: string
  readonly handler: PlainHandler
  #connection: PlainConnection | null = null

  constructor(method: string, text: string, handler: PlainHandler) {
    this.method = method
    this.text = text
    this.handler = handler
  }

  attach(connection: PlainConnection | null): void {
    this.#connection = connection
  }

  abort(): void {
    this.#connection?.abandon()
  }

  pause(): void {
    this.#connection?.pause()
  }

  resume(): void {
    this.#connection?.resume()
  }
}

type Owner = {
  onFree(connection: PlainConnection): void
  onClosed(connection: PlainConnection): void
}

/** Bytes of all connections come in by one buffer: see `OnReadOpts` of Node. */
const shared = Buffer.allocUnsafeSlow(65_536)

class PlainConnection implements AnswerTaker {
  readonly #socket: Socket
  readonly #owner: Owner
  readonly #reader = new AnswerReader(this)
  readonly #connecting: NodeJS.Timeout
  readonly #current: () => boolean
  #turn: PlainTurn | null = null
  #written = false
  #connected = false
  #usedAt = 0
  /** Milliseconds that the service will not close it in, by its own word. */
  #promised = Number.POSITIVE_INFINITY
  #paused = false
  #silent = 0

  constructor({ dial, connectLimit }: PlainClientOptions, owner: Owner) {
    this.#owner = owner
    const onread: OnReadOpts = {
      buffer: shared,
      callback: (size) => {
        this.#read(size === shared.length ? shared : shared.subarray(0, size))
        return !this.#paused
      },
    }
    const { socket, ready, current } = dial(onread)
    this.#socket = socket
    this.#current = current
    this.#connecting = setTimeout(
      () => this.fail(new ConnectTimeoutError(connectLimit)),
      connectLimit,
    )
    this.#socket.once(ready, () => {
      clearTimeout(this.#connecting)
      this.#connected = true
      this.#start()
    })
    this.#socket.on('error', (error) => this.fail(error))
    this.#socket.on('end', () => this.fail(new BrokenAnswerError('ended before it was whole')))
    this.#socket.once('close', () => {
      clearTimeout(this.#connecting)
      this.fail(new BrokenAnswerError('ended before it was whole'))
      owner.onClosed(this)
    })
  }

  get idle(): boolean {
    return this.#turn === null
  }

  /** Whether a request may be sent on it that was free for less than `limit` milliseconds. */
  usable(limit: number): boolean {
    const since = performance.now() - this.#usedAt
    return !this.#socket.destroyed && since < Math.min(limit, this.#promised) && this.#current()
  }

  begin(turn: PlainTurn): void {
    this.#turn = turn
    turn.attach(this)
    if (this.#connected) this.#start()
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Ends it, and tells whoever waits for an answer on it. */
  fail(error: Error): void {
    const turn = this.#letGo()
    this.#socket.destroy()
    turn?.handler.onError(error)
  }

  abandon(): void {
    this.#letGo()
    this.#socket.destroy()
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    this.#silent = 0
    this.#socket.resume()
  }

  /** Called each `step` milliseconds. */
  watchSilence(limit: number, step: number): void {
    // Until an answer begins, the request's own deadline counts.
    if (this.#turn === null || this.#paused || !this.#reader.began) return
    this.#silent += step
    if (this.#silent > limit) this.fail(new BrokenAnswerError('stopped in the middle'))
  }

  onHead(status: number, headers: readonly string[]): void {
    this.#turn?.handler.onHead(status, headers)
  }

  onWhole(body: string): void {
    this.#turn?.handler.onWhole(body)
  }

  onData(data: Buffer): void {
    this.#turn?.handler.onData(data)
  }

  onEnd(): void {
    const turn = this.#letGo()
    if (this.#paused) this.resume()
    const { hint, persistent } = this.#reader
    // A second is what a request and the news of the end may need to pass each other.
    if (hint !== null) this.#promised = (hint - 1) * 1_000
    if (persistent && this.#promised > 0 && this.#current()) {
      this.#usedAt = performance.now()
      this.#owner.onFree(this)
    } else {
      this.#socket.destroy()
    }
    turn?.handler.onEnd()
  }

  #start(): void {
    const turn = this.#turn
    if (turn === null) return
    turn.handler.onStart(turn)
    // Its handler may have ended it just now.
    if (this.#turn !== turn) return
    this.#silent = 0
    this.#reader.expect(turn.method)
    this.#written = false
    writeAtTurnEnd(this.#socket, () => {
      // It may have been given up meanwhile, and is not sent then.
      if (this.#turn !== turn) return
      this.#written = true
      this.#socket.write(turn.text, 'latin1')
    })
  }

  #read(bytes: Buffer): void {
    // What nobody asked for would be taken for the answer to the next request.
    const turn = this.#turn
    if (turn === null) return this.abandon()
    if (!this.#written) return this.fail(new BrokenAnswerError('came before its request'))
    this.#silent = 0
    try {
      this.#reader.read(bytes)
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error))
      // After its end the connection may be another's already.
      if (this.#turn === turn) this.fail(fault)
      else turn.handler.onError(fault)
    }
  }

  #letGo(): PlainTurn | null {
    const turn = this.#turn
    this.#turn = null
    turn?.attach(null)
    this.#reader.drop()
    return turn
  }
}
