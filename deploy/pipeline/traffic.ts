import { variable } from './variables.ts'

/** Milliseconds between requests. */
const interval = 100

/** A token is asked for anew this long before its end, in milliseconds. */
const margin = 60_000

export type Traffic = AsyncDisposable & {
  /** Requests that had an answer, whichever. */
  answered: () => number
}

/**
 * Asks a URL ten times a second, the stable release and the canary in turn, until disposed of. The
 * caller is the machine client `CLIENT_ID` with `CLIENT_SECRET`, whose token of `TOKEN_URL` has the
 * scope gateway/canary, without which it would have one of the two releases only.
 *
 * @throws when there is no token
 */
export const startTraffic = async (url: string): Promise<Traffic> => {
  const client = `${variable('CLIENT_ID')}:${variable('CLIENT_SECRET')}`
  const tokenUrl = variable('TOKEN_URL')
  let [token, goodUntil, answered, asked] = ['', 0, 0, 0]

  const renew = async (): Promise<void> => {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(client).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'gateway/canary' }),
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) throw new Error(`no token for the rehearsal's client: ${response.status}`)
    const answer = (await response.json()) as { access_token: string; expires_in: number }
    token = answer.access_token
    goodUntil = Date.now() + answer.expires_in * 1_000 - margin
  }

  const ask = async (): Promise<void> => {
    asked += 1
    const canary = asked % 2 === 0 ? 'always' : 'never'
    const headers = { authorization: `Bearer ${token}`, 'x-canary': canary }
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) })
    await response.arrayBuffer()
    answered += 1
  }

  await renew()
  const stopped = new AbortController()
  const pending = new Set<Promise<void>>()
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      if (Date.now() > goodUntil) await renew().catch(() => undefined)
      // What is not answered is what the rehearsal is about.
      const asking = ask().catch(() => undefined)
      pending.add(asking)
      void asking.finally(() => pending.delete(asking))
      await new Promise((resolve) => setTimeout(resolve, interval))
    }
  })()
  return {
    answered: () => answered,
    [Symbol.asyncDispose]: async () => {
      stopped.abort()
      await loop
      await Promise.all(pending)
    },
  }
}
