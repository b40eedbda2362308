import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What happens to connections:
 * `none` they pass; `latency` each way takes `latency` ms longer; `reset` they are reset as soon as
 * something is sent, old ones at once; `black hole` they are taken, and nothing gets through any more;
 * `refuse` they are reset when they are made; `slow close` an end of one side never reaches the other.
 */
export type Fault = 'none' | 'latency' | 'reset' | 'black hole' | 'refuse' | 'slow close'

/** Stands between a client and servers over TCP, and does to connections what a network can. */
export type FaultProxy = AsyncDisposable & {
  port: number
  url: string
  /** What new and present connections suffer from here on. */
  suffer: (fault: Fault) => void
  /**
   * Where new connections go to, in turn: the host and port of a URL, or a port of this machine. One
   * that refuses is passed over.
   */
  leadTo: (...servers: Server[]) => void
  /** Connections that were made so far. */
  made: () => number
}

type Server = number | URL

type FaultProxyOptions = { latency?: number }

type Pair = { client: Socket; server: Socket | null }

export const startFaultProxy = async ({
  latency = 200,
}: FaultProxyOptions = {}): Promise<FaultProxy> => {
  let fault: Fault = 'none'
  let targets: readonly { host: string; port: number }[] = []
  let turn = 0
  let made = 0
  const pairs = new Set<Pair>()

  const passOn = (from: Socket, to: Socket): void => {
    let passed = Promise.resolve()
    const pass = (act: () => void) => {
      const delay = fault === 'latency' ? latency : 0
      passed = passed.then(async () => {
        if (delay > 0) await sleep(delay)
        if (!to.destroyed) act()
      })
    }
    from.on('data', (chunk: Buffer) => {
      if (fault === 'black hole') return
      if (fault === 'reset') {
        from.resetAndDestroy()
        to.resetAndDestroy()
        return
      }
      pass(() => {
        if (to.write(chunk)) return
        from.pause()
        to.once('drain', () => from.resume())
      })
    })
    from.on('end', () => {
      if (fault !== 'slow close' && fault !== 'black hole') pass(() => to.end())
    })
  }

  const connectInTurn = async (): Promise<Socket | null> => {
    for (let attempt = 0; attempt < targets.length; attempt += 1) {
      const target = targets[turn++ % targets.length]
      const server = connect({ port: 0, ...target, allowHalfOpen: true, noDelay: true })
      const connected = await new Promise<boolean>((resolve) => {
        server.once('connect', () => resolve(true)).once('error', () => resolve(false))
      })
      if (connected) return server
    }
    return null
  }

  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
  listener.on('connection', (client) => {
    made += 1
    client.on('error', () => undefined)
    if (fault === 'refuse') return void client.resetAndDestroy()
    const pair: Pair = { client, server: null }
    pairs.add(pair)
    client.once('close', () => {
      pairs.delete(pair)
      if (fault !== 'slow close' && fault !== 'black hole') pair.server?.destroy()
    })
    void connectInTurn().then((server) => {
      if (server === null) return client.resetAndDestroy()
      pair.server = server
      server.on('error', () => undefined)
      server.once('close', () => {
        if (fault !== 'slow close' && fault !== 'black hole') client.destroySoon()
      })
      passOn(client, server)
      passOn(server, client)
      return client.resume()
    })
  })
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve)
  })
  const { port } = listener.address() as AddressInfo

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    suffer: (next) => {
      fault = next
      if (next !== 'reset' && next !== 'refuse') return
      for (const { client, server } of pairs) {
        client.resetAndDestroy()
        server?.resetAndDestroy()
      }
    },
    leadTo: (...servers) => {
      targets = servers.map((server) =>
        typeof server === 'number'
          ? { host: '127.0.0.1', port: server }
          : { host: server.hostname, port: Number(server.port) },
      )
    },
    made: () => made,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        for (const { client, server } of pairs) {
          client.destroy()
          server?.destroy()
        }
      }),
  }
}
