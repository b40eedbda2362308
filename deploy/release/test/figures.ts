import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { canaryChecks, verificationChecks } from '../analysis.ts'
import type { TestCluster } from './cluster.ts'

/** What Prometheus says: numbers in its own spelling by a check's name, null for no series. */
export type Figures = AsyncDisposable & {
  url: string
  say: (figures: Record<string, string | null>) => void
  /** Answers nothing but 503 while it is down. */
  down: boolean
  /** Gateways that have not taken up the weight. */
  behind: string[]
}

const good: Record<string, string | null> = {
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

/** The text of a query without where and for how long it looks. */
const shapeOf = (query: string): string =>
  query.replaceAll(/\d+ms/g, 'window').replaceAll(/porttrack-\w+/g, 'namespace')

const names = new Map(
  [...verificationChecks('barcos'), ...canaryChecks].map(({ name, query }) => [
    query({ service: 'barcos', namespace: 'namespace', view: 'gateway', window: 'window' }),
    name,
  ]),
)

/** Answers the release command's queries as a test says, in the words of Prometheus. */
export const startFigures = async (cluster: TestCluster): Promise<Figures> => {
  let figures = good
  const vectorOf = (query: string): object[] => {
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
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (state.down) return response.writeHead(503).end('{}')
      const query = new URLSearchParams(Buffer.concat(chunks).toString()).get('query') ?? ''
      const data = { resultType: 'vector', result: vectorOf(query) }
      return response.end(JSON.stringify({ status: 'success', data }))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const state: Figures = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    down: false,
    behind: [],
    say: (changes) => {
      figures = { ...good, ...changes }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return state
}
