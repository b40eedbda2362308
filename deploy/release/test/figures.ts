import { canaryChecks, verificationChecks } from '../analysis.ts'
import type { TestCluster } from './cluster.ts'
import { goodFigures, type Series, startPrometheusStandIn } from './prometheus-stand-in.ts'

/** What Prometheus says: numbers in its own spelling by a check's name, null for no series. */
export type Figures = AsyncDisposable & {
  url: string
  say: (figures: Record<string, string | null>) => void
  /** Answers nothing but 503 while it is down. */
  down: boolean
  /** Gateways that have not taken up the weight. */
  behind: string[]
}

/** The text of a query without where and for how long it looks. */
const shapeOf = (query: string): string =>
  query.replaceAll(/\d+ms/g, 'window').replaceAll(/porttrack-\w+/g, 'namespace')

const names = new Map(
  [...verificationChecks('barcos'), ...canaryChecks].map(({ name, query }) => [
    query({ service: 'barcos', namespace: 'namespace', view: 'gateway', window: 'window' }),
    name,
  ]),
)

/** Answers the release command's queries as a test says. */
export const startFigures = async (cluster: TestCluster): Promise<Figures> => {
  let figures: Record<string, string | null> = goodFigures
  const seriesOf = async (query: string): Promise<Series[] | null> => {
    if (state.down) return null
    if (query.startsWith('gateway_upstream_weight{')) {
      return cluster.gateways.map((pod) => ({
        metric: { pod },
        value: [0, String(state.behind.includes(pod) ? 99 : cluster.weight)],
      }))
    }
    const name = names.get(shapeOf(query))
    if (name === undefined) throw new Error(`nobody asks that: ${query}`)
    const value = figures[name] ?? null
    return value === null ? [] : [{ metric: {}, value: [0, value] }]
  }
  const server = await startPrometheusStandIn(seriesOf)
  const state: Figures = {
    ...server,
    down: false,
    behind: [],
    say: (changes) => {
      figures = { ...goodFigures, ...changes }
    },
  }
  return state
}
