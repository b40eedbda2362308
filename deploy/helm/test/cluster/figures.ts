import { canaryChecks, verificationChecks } from '@porttrack/release/analysis'
import {
  goodFigures,
  type Series,
  startPrometheusStandIn,
} from '@porttrack/release/test/prometheus-stand-in'

/** What the release command is told when it asks for figures. */
export type Figures = AsyncDisposable & {
  url: string
  /** Numbers by a check's name, where they are not good; by the weight of the canary. */
  bad: (weight: number) => Record<string, string>
  /** Weights that gateways have been seen to show, in order. */
  shown: number[]
}

/** What is in force in the cluster: the gateway's pods, and the canary's share of a service. */
type InForce = { gateways: () => Promise<string[]>; weight: (service: string) => Promise<number> }

/** The text of a query without how far it looks back. */
const shapeOf = (query: string): string => query.replaceAll(/\d+ms/g, 'window')

/**
 * Answers the release command's queries: good figures, unless a test says otherwise, and the weights of
 * the files that gateways would read.
 */
export const startFigures = async ({ gateways, weight }: InForce): Promise<Figures> => {
  const names = new Map<string, string>()
  for (const service of ['barcos', 'gateway'] as const) {
    for (const view of ['gateway', 'server'] as const) {
      const scope = { service, namespace: 'porttrack-test', window: 'window', view }
      for (const { name, query } of [...verificationChecks(service), ...canaryChecks]) {
        names.set(query(scope), name)
      }
    }
  }
  const seriesOf = async (query: string): Promise<Series[]> => {
    const present = await weight('barcos')
    if (query.startsWith('gateway_upstream_weight{')) {
      if (figures.shown.at(-1) !== present) figures.shown.push(present)
      const pods = await gateways()
      return pods.map((pod) => ({ metric: { pod }, value: [0, String(present)] }))
    }
    const name = names.get(shapeOf(query))
    if (name === undefined) throw new Error(`nobody asks that: ${query}`)
    const value = { ...goodFigures, ...figures.bad(present) }[name]
    return value === undefined ? [] : [{ metric: {}, value: [0, value] }]
  }
  const server = await startPrometheusStandIn(seriesOf)
  const figures: Figures = { ...server, bad: () => ({}), shown: [] }
  return figures
}
