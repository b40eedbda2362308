import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { cpuSeconds } from './cpu-time.ts'
import { type Measurement, rowOf } from './measurement.ts'

const visits = 50
const rounds = 3
const requestsARound = 1_000
const atOnce = 8

/**
 * What metrics, logs and sampled traces cost a service for each request: the same list of 50 visits, asked
 * of a carga with all of it and of one with none. The goal is at most 1.15.
 */
export const telemetry: Measurement = {
  name: 'telemetry',
  title: 'microseconds of carga’s CPU a request, telemetry on against off',
  run: async (log) => {
    await using collector = await startSink()
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, TRACE_SAMPLE_RATIO: '0.1' }
    await using on = await startCarga({ LOG_LEVEL: 'info' }, traced)
    await using off = await startCarga({
      LOG_LEVEL: 'silent',
      NODE_OPTIONS: `--import=${new URL('peers/no-metrics.ts', import.meta.url).href}`,
    })
    const sides = { on, off }
    const found: Record<keyof typeof sides, number[]> = { on: [], off: [] }
    // What comes first is not counted: the code is not compiled yet.
    for (let round = 0; round <= rounds; round += 1) {
      for (const side of ['on', 'off'] as const) {
        const cost = await costOf(sides[side])
        if (round > 0) found[side].push(cost)
      }
      log(`round ${round} of ${rounds}`)
    }
    if (collector.received() === 0) throw new Error('no span has reached the collector')
    return [rowOf('µs of CPU a request, of 50 visits', found.on, found.off)]
  },
}

/** @param traced of both processes: the gateway decides which traces are recorded */
const startCarga = async (
  environment: Record<string, string>,
  traced: Record<string, string> = {},
): Promise<Platform> => {
  const platform = await startPlatform({
    ports: 'ephemeral',
    applications: ['carga', 'gateway'],
    environment: { SHED_DELAY_SECONDS: '3600', ...traced },
    environmentOf: {
      carga: environment,
      gateway: { LOG_LEVEL: 'warn', RATE_LIMIT_CALLER: '0', RATE_LIMIT_ADDRESS: '0' },
    },
  })
  for (let serial = 0; serial < visits; serial += 1) {
    const made = await fetch(`${platform.gatewayUrl}/carga/v1/container-visits`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await platform.token('terminal-planner')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        equipmentReference: `PTRU${String(1_000_000 + serial)}`,
        shipperOwnedOverride: 'made for a measurement',
        ISOEquipmentCode: '22G1',
        tareWeight: 2_200,
        maximumGrossWeight: 30_480,
        isEmpty: false,
        flow: 'IMPORT',
        UNLocationCode: 'ESALG',
      }),
    })
    if (made.status !== 201) throw new Error(`${made.status}: ${await made.text()}`)
  }
  return platform
}

/** Microseconds of the service's CPU a request. */
const costOf = async (platform: Platform): Promise<number> => {
  const { pid } = platform.process('carga')
  const authorization = `Bearer ${await platform.token('terminal-planner')}`
  const before = await cpuSeconds(pid)
  let left = requestsARound
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1
        const answer = await fetch(`${platform.gatewayUrl}/carga/v1/container-visits`, {
          headers: { authorization },
        })
        const text = await answer.text()
        if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${text}`)
      }
    }),
  )
  // Collected as by a Prometheus, and written: both belong to what telemetry costs.
  await (await fetch(`${platform.managementUrl('carga')}/metrics`)).text()
  return (((await cpuSeconds(pid)) - before) / requestsARound) * 1e6
}

/** A collector that takes everything and keeps nothing. */
const startSink = async () => {
  let received = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      received += 1
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
