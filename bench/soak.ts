import { randomBytes } from 'node:crypto'
import { encodeSentences } from '@porttrack/ais/encode'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { type Measurement, rowOf } from './measurement.ts'
import { positionReports } from './port-traffic.ts'
import { residentMegabytes } from './resident.ts'
import { upload } from './upload.ts'

const minutes = { usual: 3, long: 60 }
const perUpload = 50_000
/** Stations that `rutas` remembers, at most. */
const remembered = 200_000
/** Reports a second that it may take in, at most. */
const fastest = 100_000
/** Megabytes that a process may gain a minute: less than what comes and goes with each look. */
const goal = 1

/**
 * Memory of `rutas` while it takes in as much as it can, good and hostile in turn: three minutes, or an
 * hour with `--long`. It is flat once it has come to know as many ships and messages as it keeps.
 */
export const soak: Measurement = {
  name: 'soak',
  title: 'megabytes that rutas gains a minute at full rate among hostile feeds, against the goal',
  run: async (log) => {
    await using platform = await startPlatform({
      ports: 'ephemeral',
      applications: ['rutas', 'gateway'],
      // What is measured is what it takes in, and not what it refuses on a busy machine.
      environment: { SHED_DELAY_SECONDS: '3600' },
    })
    const length = process.argv.includes('--long') ? minutes.long : minutes.usual
    const reports = positionReports(length * 60 * fastest, 50_000)
    const measured: { minute: number; megabytes: number }[] = []
    // It remembers so many stations; until then it gains what each takes.
    for (let n = 0; n < remembered * 2; n += perUpload) {
      await upload(platform, strangers(100_000_000 + n, perUpload).join('\n'))
    }
    const began = performance.now()
    let taken = 0
    for (let round = 0, minute = 0; minute < length; round++) {
      const lines = Array.from({ length: perUpload }, () => reports.next().value)
      taken += (await upload(platform, lines.join('\n'))).stored
      await harass(platform, round)
      minute = (performance.now() - began) / 60_000
      const megabytes = await residentMegabytes(platform.process('rutas').pid)
      measured.push({ minute, megabytes })
      log(`${minute.toFixed(1)} min: ${taken} messages, rutas ${megabytes.toFixed(0)} MB`)
    }
    const settled = measured.slice(Math.floor(measured.length / 2))
    const gained = slopeOf(settled)
    await tellRejections(platform, log)
    return [rowOf('megabytes gained a minute, second half', [gained], [goal])]
  },
}

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
const slopeOf = (points: readonly { minute: number; megabytes: number }[]): number => {
  const x = mean(points.map(({ minute }) => minute))
  const y = mean(points.map(({ megabytes }) => megabytes))
  const above = points.reduce((sum, each) => sum + (each.minute - x) * (each.megabytes - y), 0)
  return above / points.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0)
}
