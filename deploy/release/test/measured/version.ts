import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A version of a service: the real process behind what this version does differently. */
export type Version = AsyncDisposable & {
  url: string
  /** When it first did a caller harm, by `performance.now()`; null as long as it has not. */
  harmedAt: () => number | null
}

type Difference = {
  /** Each so many-th request is answered 500. */
  failing?: number
  /** How much longer an answer takes than the process and the network need. */
  slower?: number
}

/**
 * Milliseconds that an answer takes beside what the process needs: enough that what a busy machine adds
 * to some of them, and not to others, makes no version look slow or quick.
 */
const distance = 200

/** Stands in front of a process; without a difference it only takes its time. */
export const startVersion = async (
  process: string,
  { failing = Infinity, slower = 1 }: Difference = {},
): Promise<Version> => {
  const target = new URL(process)
  let asked = 0
  let harmedAt: number | null = null
  const server = createServer((request, response) => {
    const begun = performance.now()
    asked += 1
    const fails = asked % failing === 0
    const { method, url: path, headers } = request
    const inner = send(
      { hostname: target.hostname, port: target.port, method, path, headers },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const needed = performance.now() - begun + distance
          if (fails || slower > 1) harmedAt ??= performance.now()
          void sleep(needed * slower - (needed - distance)).then(() =>
            fails
              ? response.writeHead(500).end()
              : response
                  .writeHead(answer.statusCode ?? 502, answer.headers)
                  .end(Buffer.concat(chunks)),
          )
        })
      },
    )
    inner.on('error', () => response.destroy())
    request.pipe(inner)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    harmedAt: () => harmedAt,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
