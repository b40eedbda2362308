import type { Dashboard } from '@porttrack/observability/grafana/panel'

/** What Grafana puts in place of its variables, on a platform of this size. */
const variables = {
  $namespace: 'porttrack-staging',
  $service: 'barcos',
  $upstream: 'barcos',
  '[$__rate_interval]': '[10s]',
  '[$__range]': '[2m]',
} as const

type Answer = { status: string; error?: string; data: { result: { values: [number, string][] }[] } }

/**
 * Asks what each panel asks, of the time since `begun`.
 *
 * @returns the questions that were answered with no number at all
 */
export const dataOf = async (
  { rows }: Dashboard,
  { url, begun }: { url: string; begun: number },
): Promise<{ empty: string[] }> => {
  const queries = rows.flatMap(({ panels }) =>
    panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ title, expr }))),
  )
  const answered = await Promise.all(
    queries.map(async ({ title, expr }) => {
      const query = Object.entries(variables).reduce(
        (text, [name, value]) => text.replaceAll(name, value),
        expr,
      )
      const { status, error, data } = await ask(url, { query, begun })
      if (status !== 'success') return `${title}: ${error}`
      const numbers = data.result.flatMap(({ values }) => values.map(([, value]) => Number(value)))
      return numbers.some(Number.isFinite) ? [] : `${title}: ${query}`
    }),
  )
  return { empty: answered.flat() }
}

const ask = async (
  url: string,
  { query, begun }: { query: string; begun: number },
): Promise<Answer> => {
  const now = Date.now()
  const parameters = new URLSearchParams({
    query,
    start: String(begun / 1_000),
    end: String(now / 1_000),
    step: '1',
  })
  const answer = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body: parameters })
  return (await answer.json()) as Answer
}
