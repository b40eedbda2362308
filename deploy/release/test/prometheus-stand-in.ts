import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** Figures by a check's name, in Prometheus's spelling of numbers, that every check finds good. */
export const goodFigures: Readonly<Record<string, string>> = {
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

export type Series = { metric: Readonly<Record<string, string>>; value: [time: number, of: string] }

/**
 * Answers queries in the words of Prometheus where nothing runs that could be measured.
 *
 * @param seriesOf what a query finds; null answers 503
 */
export const startPrometheusStandIn = async (
  seriesOf: (query: string) => Promise<Series[] | null>,
): Promise<AsyncDisposable & { url: string }> => {
  const server = createServer(async (request, response) => {
    try {
      const query = new URLSearchParams(await text(request)).get('query') ?? ''
      const result = await seriesOf(query)
      if (result === null) response.writeHead(503).end('{}')
      else
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
