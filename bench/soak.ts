import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeSentences } from '@porttrack/ais/encode'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { forLargeFeed } from './large-feed.ts'
import { type Measurement, rowOf } from './measurement.ts'
import { positionReports } from './port-traffic.ts'
import { residentMegabytes } from './resident.ts'
import { upload } from './upload.ts'

const perUpload = 50_000
/** Reports a second that it may take in, at most. */
const fastest = 200_000
/** Megabytes that a process may gain a minute: less than what comes and goes with each look. */
const goal = 1
/** Milliseconds between two looks at the memory. */
const lookInterval = 250
/** Of the warm-up: until code is compiled and heaps are as large as they come to be. */
const leastRounds = 20

/** Minutes that are measured, and what `rutas` remembers at most; the usual is full sooner. */
const usual = { minutes: 3, stations: 20_000, messages: 500_000 }
const long = { minutes: 60, stations: 200_000, messages: 4_194_304 }

/**
 * Memory of `rutas` while it takes in as much as it can, good and hostile in turn: three minutes, or an
 * hour with `--long`. Before, it comes to know as many ships and messages as it keeps.
 */
export const soak: Measurement = {
  name: 'soak',
  title: 'megabytes that rutas gains a minute at full rate among hostile feeds, against the goal',
  run: async (log) => {
    const { minutes, stations, messages } = process.argv.includes('--long') ? long : usual
    await using platform = await startPlatform({
      ports: 'ephemeral',
      applications: ['rutas', 'gateway'],
      postgresParameters: forLargeFeed,
      environment: {
        // What is measured is what it takes in, and not what it refuses on a busy machine.
        SHED_DELAY_SECONDS: '3600',
        AIS_REMEMBERED_STATIONS: String(stations),
        AIS_REMEMBERED_MESSAGES: String(messages),
      },
    })
    const warmUp = Math.max(messages * 1.2, leastRounds * perUpload)
    const reports = positionReports(warmUp + perUpload + minutes * 60 * fastest, stations / 4)
    let round = 0
    /** @returns messages stored */
    const soakOnce = async (): Promise<number> => {
      const lines = Array.from({ length: perUpload }, () => reports.next().value)
      const { stored } = await upload(platform, lines.join('\n'))
      await harass(platform, round)
      round += 1
      return stored
    }
    let taken = 0
    while (taken < warmUp) taken += await soakOnce()
    log(`warm after ${round} rounds and ${taken} messages`)

    const measured: Look[] = []
    const began = performance.now()
    const minute = (): number => (performance.now() - began) / 60_000
    const over = new AbortController()
    const looking = lookAt(measured, { platform, minute, signal: over.signal })
    try {
      while (minute() < minutes) {
        taken += await soakOnce()
        const megabytes = measured.at(-1)?.megabytes ?? 0
        log(`${minute().toFixed(1)} min: ${taken} messages, rutas ${megabytes.toFixed(0)} MB`)
      }
    } finally {
      over.abort()
      await looking
    }
    await tellRejections(platform, log)
    const first = measured.filter((look) => look.minute < minutes / 2)
    const second = measured.filter((look) => look.minute >= minutes / 2)
    return [
      rowOf('megabytes gained a minute, second half', [slopeOf(second)], [goal]),
      rowOf('megabytes at most, second half against the first', [peakOf(second)], [peakOf(first)]),
    ]
  },
}

/** What was held at a time. */
type Look = { minute: number; megabytes: number }

/** Looks at the memory of `rutas` until `signal`. */
const lookAt = async (
  measured: Look[],
  { platform, minute, signal }: { platform: Platform; minute: () => number; signal: AbortSignal },
): Promise<void> => {
  while (!signal.aborted) {
    const megabytes = await residentMegabytes(platform.process('rutas').pid)
    measured.push({ minute: minute(), megabytes })
    await sleep(lookInterval)
  }
}

const peakOf = (looks: readonly Look[]): number =>
  looks.reduce((most, { megabytes }) => Math.max(most, megabytes), 0)

/** What a bad feed sends: noise, a line without end, ever new ships, and times to come. */
const harass = async (platform: Platform, round: number): Promise<void> => {
  await upload(platform, randomBytes(2_000_000))
  await upload(platform, Buffer.alloc(20_000_000, 'x'))
  await upload(platform, strangers(round * 10_000, 10_000).join('\n'))
}

/** Names of ships that nobody has heard of; every other one is of a time to come. */
const strangers = (first: number, count: number): string[] => {
  const now = Date.now()
  return Array.from({ length: count }, (_, n) => {
    const mmsi = String(300_000_000 + first + n)
    const time = n % 2 === 0 ? now : now + 10 * 86_400_000
    return encodeSentences({ type: 24, part: 'A', repeat: 0, mmsi, name: 'NOBODY' }, { time }).join(
      '\n',
    )
  })
}

const tellRejections = async (platform: Platform, log: (line: string) => void): Promise<void> => {
  const text = await (await fetch(`${platform.managementUrl('rutas')}/metrics`)).text()
  for (const line of text.split('\n')) {
    if (line.startsWith('rutas_ais_messages_rejected_total{')) log(line)
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length

/** Least squares, in megabytes a minute. */
const slopeOf = (points: readonly Look[]): number => {
  const x = mean(points.map(({ minute }) => minute))
  const y = mean(points.map(({ megabytes }) => megabytes))
  const above = points.reduce((sum, each) => sum + (each.minute - x) * (each.megabytes - y), 0)
  return above / points.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0)
}
