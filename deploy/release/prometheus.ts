/** One series of an instant query: its labels and its value, which can be NaN or infinite. */
export type Sample = { labels: Readonly<Record<string, string>>; value: number }

/** Prometheus gave no answer that can be used. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError'
}

/** Milliseconds that an answer may take. */
const patience = 15_000

type Answer = {
  status?: string
  error?: string
  data?: { resultType?: string; result?: unknown }
}

type Vector = readonly { metric: Record<string, string>; value: readonly [number, string] }[]

/** Prometheus writes infinities in its own way. */
const numberOf = (text: string): number =>
  text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)

/** Asks a Prometheus by its HTTP API. */
export class Prometheus {
  readonly #url: URL

  /** @param url its base URL; a user and a password in it are sent as basic authentication */
  constructor(url: string) {
    this.#url = new URL(url.endsWith('/') ? url : `${url}/`)
  }

  /**
   * What a query gives at present.
   *
   * @throws PrometheusError when it cannot be reached, does not know, or gives no vector
   */
  async query(query: string, signal?: AbortSignal): Promise<Sample[]> {
    const url = new URL('api/v1/query', this.#url)
    const { username, password } = url
    url.username = ''
    url.password = ''
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    let answer: Answer
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ query }),
        headers: username === '' ? {} : { authorization: `Basic ${btoa(credentials)}` },
        signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]),
      })
      answer = (await response.json()) as Answer
      if (!response.ok) throw new Error(answer.error ?? `status ${response.status}`)
    } catch (error) {
      signal?.throwIfAborted()
      throw new PrometheusError(`Prometheus at ${url.origin} gives no answer: ${reason(error)}`, {
        cause: error,
      })
    }
    if (answer.status !== 'success' || answer.data?.resultType !== 'vector') {
      throw new PrometheusError(`Prometheus at ${url.origin} gives no vector for ${query}`)
    }
    return (answer.data.result as Vector).map(({ metric, value: [, text] }) => ({
      labels: metric,
      value: numberOf(text),
    }))
  }

  /**
   * The one number of a query, null where there is none.
   *
   * @throws PrometheusError as `query` does, and when there are several
   */
  async number(query: string, signal?: AbortSignal): Promise<number | null> {
    const samples = await this.query(query, signal)
    if (samples.length > 1) throw new PrometheusError(`several numbers instead of one: ${query}`)
    return samples[0]?.value ?? null
  }
}

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
