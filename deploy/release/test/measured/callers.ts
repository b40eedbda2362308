import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a caller waits between two requests, in milliseconds. */
const pause = 2_000

export type Callers = AsyncDisposable & {
  /** How often each status was answered. */
  statuses: () => ReadonlyMap<number, number>
}

/** Callers who ask again and again, each with a token of its own, spread over time. */
export const startCallers = (
  url: string,
  callers: readonly { token: string; headers?: Record<string, string> }[],
): Callers => {
  const over = new AbortController()
  const agent = new Agent({ keepAlive: true })
  const statuses = new Map<number, number>()
  const ask = (token: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve) => {
      request(url, { agent, headers: { ...headers, authorization: `Bearer ${token}` } })
        .on('response', (response) => {
          response.resume().on('close', () => resolve(response.statusCode ?? 0))
        })
        .on('error', () => resolve(0))
        .end()
    })
  const asking = callers.map(async ({ token, headers = {} }, index) => {
    await sleep((pause * index) / callers.length)
    while (!over.signal.aborted) {
      const status = await ask(token, headers)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      await sleep(pause, undefined, { signal: over.signal }).catch(() => undefined)
    }
  })
  return {
    statuses: () => statuses,
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await Promise.all(asking)
      agent.destroy()
    },
  }
}
