import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { canaryChecks, verificationChecks } from '@porttrack/release/analysis'

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

const good: Record<string, string> = {
  requests: '1000',
  'stable-requests': '19000',
  'success-rate': '1',
  'error-difference': '0',
  p99: '0.05',
  'p99-ratio': '1',
  'mean-ratio': '1.02',
  'event-loop-lag': '0.012',
  restarts: '0',
  'consumer-lag': '0.5',
}

/** The text of a query without how far it looks back. */
const shapeOf = (query: string): string => query.replaceAll(/\d+ms/g, 'window')

/**
 * Answers in the words of Prometheus, where no process runs that could be measured: good figures, unless
 * a test says otherwise, and the weights of the files that gateways would read.
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
  const vectorOf = async (query: string): Promise<object[]> => {
    const [, upstream] = /^gateway_upstream_weight\{.*upstream="(\w+)"/.exec(query) ?? []
    const present = await weight('barcos')
    if (upstream !== undefined) {
      if (figures.shown.at(-1) !== present) figures.shown.push(present)
      const pods = await gateways()
      return pods.map((pod) => ({ metric: { pod }, value: [0, String(present)] }))
    }
    const name = names.get(shapeOf(query))
    if (name === undefined) throw new Error(`nobody asks that: ${query}`)
    return [{ metric: {}, value: [0, { ...good, ...figures.bad(present) }[name]] }]
  }
  const server = createServer(async (request, response) => {
    let sent = ''
    for await (const chunk of request) sent += String(chunk)
    try {
      const result = await vectorOf(new URLSearchParams(sent).get('query') ?? '')
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const figures: Figures = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bad: () => ({}),
    shown: [],
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return figures
}
