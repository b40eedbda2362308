import type { Readable } from 'node:stream'
import { dialPeer } from '@porttrack/shared/tls/peer-dial'
import type { PeerTls } from '@porttrack/shared/tls/peer-identity'
import { PeerPool } from '@porttrack/shared/tls/peer-pool'
import type { Dispatcher, Pool } from 'undici'
import { PlainClient, type PlainHandler } from './plain/plain-client.ts'

/** Requests that a lane has under way, and that may wait for their turn; more than that are refused. */
export type Room = { connections: number; waiting: number }

/** A service's release, and how it is reached; `tls` is null in plain HTTP. */
export type Destination = { name: string; origin: string; tls: PeerTls | null }

/** A request on its way to a service; its headers are names and values in turn. */
export type Outgoing = {
  method: Dispatcher.HttpMethod
  path: string
  headers: string[]
  body: Readable | null
  /** An answer whose next bytes do not come for this long is given up, in milliseconds; 0: never. */
  silenceLimit: number
}

/** Who is told of the answer, whichever client brings it. */
export type AnswerHandler = PlainHandler & Dispatcher.DispatchHandler

/** Milliseconds in which a connection must be made. */
const connectLimit = 3_000

/**
 * A connection that nothing was sent on for this long is closed, in milliseconds: before a service
 * that stops closes it, which could cut off a request under way.
 */
const idleLimit = 2_000

/** An answer whose next bytes do not come for this long is given up, in milliseconds. */
export const silenceLimit = 60_000

/**
 * A caller may hold so many times what is free of a lane's room: three quarters of it when it is alone,
 * and of what others have left when it is not. Of two that ask as much each has three sevenths (the
 * dynamic threshold of Choudhury and Hahne, 1998).
 */
const timesFree = 3

/** What one caller has of a lane: places, and requests under way and waiting in them. */
type Holding = { caller: string; taken: number; underWay: number; waiting: number }

/** A request's place in a lane. */
export type Place = { send: (() => void) | null; underWay: boolean; of: Holding }

/** Requests on their way to one release of a service. */
export class Lane {
  readonly #connections: PeerPool
  readonly #plain: PlainClient | null
  readonly #room: Room
  readonly #holdings = new Map<string, Holding>()
  readonly #waiting = new Set<Place>()
  #taken = 0
  #underWay = 0
  #sending = false
  #whenEmpty: (() => void) | null = null

  /** @param plainly whether what has no body goes by the gateway's own client (docs/adr/0029) */
  constructor({ name, origin, tls }: Destination, room: Room, plainly: boolean) {
    this.#room = room
    this.#plain = plainly
      ? new PlainClient(origin, {
          dial: dialPeer(origin, { name, tls }),
          connectLimit,
          idleLimit,
          silenceLimit,
        })
      : null
    this.#connections = new PeerPool(origin, {
      name,
      tls,
      pool: {
        connections: room.connections,
        pipelining: 1,
        allowH2: false,
        connectTimeout: connectLimit,
        // Each request has a deadline of its own, which counts from its arrival.
        headersTimeout: 0,
        keepAliveTimeout: idleLimit,
        keepAliveMaxTimeout: idleLimit,
      },
    })
  }

  /** To be asked for at each request, since certificates are renewed. */
  get pool(): Pool {
    return this.#connections.current()
  }

  /** Takes a place for a caller's request, which must be given back; null when there is none. */
  enter(caller: string): Place | null {
    const free = this.#room.connections + this.#room.waiting - this.#taken
    const of = this.#holdings.get(caller) ?? { caller, taken: 0, underWay: 0, waiting: 0 }
    if (of.taken >= timesFree * free) return null
    this.#holdings.set(caller, of)
    of.taken += 1
    this.#taken += 1
    return { send: null, underWay: false, of }
  }

  /** Sends a request, once it is its turn. Its handler hears of all that goes wrong. */
  send(place: Place, request: Outgoing, handler: AnswerHandler): void {
    // Not past what the caller has waiting.
    if (place.of.waiting === 0 && this.#maySend(place)) {
      this.#dispatch(place, request, handler)
    } else {
      place.send = () => this.#dispatch(place, request, handler)
      place.of.waiting += 1
      this.#waiting.add(place)
    }
  }

  leave(place: Place): void {
    const { of } = place
    this.#taken -= 1
    of.taken -= 1
    if (of.taken === 0) this.#holdings.delete(of.caller)
    if (place.underWay) {
      this.#underWay -= 1
      of.underWay -= 1
      this.#sendNext()
    } else if (this.#waiting.delete(place)) {
      of.waiting -= 1
    }
    if (this.#taken === 0) this.#whenEmpty?.()
  }

  /** Lets requests on their way finish. */
  async close(): Promise<void> {
    if (this.#taken > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve
      })
    }
    await Promise.all([this.#plain?.close(), this.#connections.close()])
  }

  /** Breaks off what is on its way; what waits is sent in vain then, and told so. */
  async destroy(): Promise<void> {
    this.#plain?.destroy()
    await this.#connections.destroy()
  }

  #sendNext(): void {
    // One that fails at once leaves at once: the loop goes on, and not a loop in each of its turns.
    if (this.#sending) return
    this.#sending = true
    try {
      for (const place of this.#waiting) {
        if (this.#underWay >= this.#room.connections) break
        if (!this.#maySend(place)) continue
        this.#waiting.delete(place)
        place.of.waiting -= 1
        place.send?.()
      }
    } finally {
      this.#sending = false
    }
  }

  #maySend({ of }: Place): boolean {
    return of.underWay < timesFree * (this.#room.connections - this.#underWay)
  }

  #dispatch(place: Place, request: Outgoing, handler: AnswerHandler): void {
    place.underWay = true
    place.of.underWay += 1
    this.#underWay += 1
    const { method, path, headers, body } = request
    if (this.#plain !== null && body === null && bodyless.has(method)) {
      this.#plain.send({ method, target: path, headers }, handler)
    } else {
      const bodyTimeout = request.silenceLimit
      this.pool.dispatch({ method, path, headers, body, bodyTimeout }, handler)
    }
  }
}

/** Methods whose requests have no body, and say nothing about its length. */
const bodyless: ReadonlySet<string> = new Set(['GET', 'HEAD'])
