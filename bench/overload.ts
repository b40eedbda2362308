import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { type Measurement, p99, type Row, rowOf } from './measurement.ts'
import { requirePrograms } from './programs.ts'

const run = promisify(execFile)
const rounds = 3
const seconds = 8
const settling = 2
/** How much more is asked than can be answered. */
const factor = 5
/** Callers under overload, each on a connection of its own. */
const callers = 1_000
/** As many as a page can hold. */
const vessels = 200
/** What health must answer within, in milliseconds. */
const healthGoal = 100
/** Requests that no limit refuses. */
const unlimited = '1000000000'

/**
 * What a service still answers when five times as much is asked of it as it can: reads through the
 * gateway, at a rate that does not wait for answers. `barcos` and its database have one core, the
 * gateway and the load the other.
 */
export const overload: Measurement = {
  name: 'overload',
  title: 'good answers a second at five times what barcos can answer, against what it can',
  run: async (log) => {
    await requirePrograms('taskset', 'h2load')
    await using platform = await startPlatform({
      ports: 'ephemeral',
      applications: ['barcos', 'gateway'],
      environmentOf: {
        gateway: { RATE_LIMIT_CALLER: unlimited, RATE_LIMIT_ADDRESS: unlimited },
      },
    })
    for (const [name, core] of [
      ['postgres', '0'],
      ['barcos', '0'],
      ['gateway', '1'],
    ] as const) {
      await run('taskset', ['-a', '-p', '-c', core, String(platform.process(name).pid)])
    }
    await registerVessels(platform)
    // Dear enough that the service is what there is not enough of, and not the gateway.
    const url = `${platform.gatewayUrl}/barcos/v1/vessels?limit=${vessels}`
    const token = await platform.token('viewer')
    const capacity: number[] = []
    const goodput: number[] = []
    const health = { barcos: [] as number[], gateway: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      const able = await load(['-c', '32'], { url, token })
      const rate = Math.ceil((able.good * factor) / callers)
      const watching = new AbortController()
      const watched = Promise.all(
        (['barcos', 'gateway'] as const).map(async (name) => {
          const address = `${platform.managementUrl(name)}/health/live`
          health[name].push(...(await watch(address, watching.signal)))
        }),
      )
      const over = await load(['-c', String(callers), `--rps=${rate}`], { url, token })
      watching.abort()
      await watched
      capacity.push(able.good)
      goodput.push(over.good)
      log(
        `round ${round + 1}: ${over.good} good and ${over.refused} refused a second, ` +
          `${over.failed} without an answer, against ${able.good}`,
      )
    }
    return [
      rowOf('good answers a second', goodput, capacity),
      ...Object.entries(health).map(([name, times]): Row =>
        rowOf(`ms to liveness of ${name}, p99`, [p99(times)], [healthGoal]),
      ),
    ]
  },
}

const registerVessels = async (platform: Platform): Promise<void> => {
  const authorization = `Bearer ${await platform.token('harbour-master')}`
  for (let vessel = 0; vessel < vessels; vessel++) {
    const { status } = await fetch(`${platform.gatewayUrl}/barcos/v1/vessels`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `VESSEL ${vessel}`, MMSINumber: String(224_000_000 + vessel) }),
    })
    if (status !== 201) throw new Error(`a vessel was not registered: ${status}`)
  }
}

type Outcome = { good: number; refused: number; failed: number }

/** Answers a second by what they were. */
const load = async (
  how: readonly string[],
  { url, token }: { url: string; token: string },
): Promise<Outcome> => {
  const h2load = `h2load --h1 -t 1 -D ${seconds} --warm-up-time=${settling}`.split(' ')
  const header = `Authorization: Bearer ${token}`
  const { stdout } = await run('taskset', ['-c', '1', ...h2load, ...how, '-H', header, url])
  const codes = /status codes: (\d+) 2xx, \d+ 3xx, (\d+) 4xx, (\d+) 5xx/.exec(stdout)
  const failed = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(stdout)
  if (!codes || !failed) throw new Error(`h2load said nothing to go by:\n${stdout}`)
  if (codes[2] !== '0') throw new Error(`not every request was right:\n${stdout}`)
  const perSecond = (count = '0') => Math.round(Number(count) / seconds)
  return {
    good: perSecond(codes[1]),
    refused: perSecond(codes[3]),
    failed: Number(failed[2]) + Number(failed[3]),
  }
}

/** Milliseconds that an address took to answer 200, asked ten times a second. */
const watch = async (address: string, signal: AbortSignal): Promise<number[]> => {
  const times: number[] = []
  while (!signal.aborted) {
    const begun = performance.now()
    const { ok } = await fetch(address)
    const took = performance.now() - begun
    if (!ok) throw new Error(`${address} is not well`)
    times.push(took)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 100 - took)))
  }
  return times
}
