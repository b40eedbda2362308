import type { OnReadOpts, Socket } from 'node:net'
import { Pool } from 'undici'
import type { CertificateSet } from './certificates.ts'
import { needSecureAddress, type Peer, proofOf } from './peer-identity.ts'

type PeerPoolOptions = Peer & {
  pool: Omit<Pool.Options, 'connect'>
}

/**
 * Connections to another process. When there is a new certificate they are made anew: requests on
 * their way finish on the connections they began on.
 */
export class PeerPool {
  readonly #origin: string
  readonly #options: PeerPoolOptions
  readonly #retired = new Set<Pool>()
  #set: CertificateSet | null
  #pool: Pool

  /** @throws when TLS is wanted and the address is one of plain HTTP */
  constructor(origin: string, options: PeerPoolOptions) {
    needSecureAddress(origin, options)
    this.#origin = origin
    this.#options = options
    this.#set = options.tls?.certificates.current() ?? null
    this.#pool = this.#open()
  }

  /** To be asked for before each request. */
  current(): Pool {
    const set = this.#options.tls?.certificates.current() ?? null
    if (set !== this.#set) {
      this.#set = set
      this.#retire(this.#pool)
      this.#pool = this.#open()
    }
    return this.#pool
  }

  /** Lets requests on their way finish. */
  async close(): Promise<void> {
    await this.#pool.close()
  }

  /** Breaks off what is on its way. */
  async destroy(): Promise<void> {
    await Promise.all([this.#pool, ...this.#retired].map((pool) => pool.destroy()))
  }

  #open(): Pool {
    const { tls, name, pool } = this.#options
    return new Pool(this.#origin, {
      ...pool,
      connect:
        tls && this.#set
          ? {
              ...proofOf(this.#set, { name, trustDomain: tls.trustDomain }),
              // Each connection is judged by its own handshake.
              maxCachedSessions: 0,
            }
          : { onread: intoOneBuffer },
    })
  }

  #retire(pool: Pool): void {
    this.#retired.add(pool)
    void pool.close().finally(() => this.#retired.delete(pool))
  }
}

/**
 * Bytes of all plain connections come in by one buffer, from which each takes what is its own. Node
 * would make a buffer of 64 KB for each read and then cut it down to what came: a tenth of the CPU
 * time of a small answer that is passed on.
 */
const intoOneBuffer: OnReadOpts = {
  buffer: Buffer.allocUnsafeSlow(65_536),
  // Called as the socket's own; false has it read no further until what is there has been taken.
  callback(this: Socket, size: number, buffer: Uint8Array): boolean {
    return this.push(Buffer.from(buffer.subarray(0, size)))
  },
}
