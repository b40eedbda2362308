import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { encodeSentences } from '@porttrack/ais/encode'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { ingestCpuSeconds } from './cpu-time.ts'
import { type Measurement, p99, type Row, rowOf } from './measurement.ts'
import { requirePrograms } from './programs.ts'

const run = promisify(execFile)
const seconds = 15
const readers = 1_000
/** Changed positions a second for a thousand readers, and of the whole world for one. */
const changes = { readers: 1_000, world: 10_000 }
const ships = 20_000
const step = 100
/** Longest wait for the last positions, in milliseconds. */
const patience = 60_000
/** Milliseconds from arrival until a reader has it, p99. */
const goal = 1_000
/** A fifth of two cores, which is what the world's rate should cost `rutas` and PostgreSQL. */
const coresGoal = 0.4

/**
 * How long a position takes from its arrival by HTTP to the readers of the live stream: a thousand
 * with a box each, the same beside one that reads nothing, and one that reads the whole world's
 * rate. `rutas` has one core; PostgreSQL, senders and readers the other.
 */
export const live: Measurement = {
  name: 'live',
  title:
    'milliseconds from arrival to the readers of the live stream, p99, against the goal, and what the world takes',
  run: async (log) => {
    await requirePrograms('taskset')
    await using platform = await startPlatform({
      ports: 'ephemeral',
      durable: true,
      applications: ['rutas'],
      environmentOf: { rutas: { AUTH_MODE: 'cognito' } },
    })
    for (const [name, core] of [
      ['rutas', '0'],
      ['postgres', '1'],
    ] as const) {
      await run('taskset', ['-a', '-p', '-c', core, String(platform.process(name).pid)])
    }
    const rows: Row[] = []
    const measure = async (what: string, given: Parameters<typeof observe>[1]): Promise<number> => {
      const { delays, sent, missing, cores } = await observe(platform, given)
      log(`${what}: ${delays.length} positions read of ${sent}, p99 ${p99(delays).toFixed(0)} ms`)
      // Of a ship that reported twice in one transaction the newer position is told.
      if (missing > 0) throw new Error(`the newest positions of ${missing} ships were not read`)
      rows.push(rowOf(what, [p99(delays)], [goal]))
      return cores
    }
    const boxes = Array.from({ length: readers }, (_, n) => boxOf(n))
    await measure('1,000 readers at 1,000 a second', { boxes, rate: changes.readers, slow: 0 })
    await measure('beside ten that read nothing', { boxes, rate: changes.readers, slow: 10 })
    const cores = await measure('one reader at 10,000 a second', {
      boxes: ['-180,-90,180,90'],
      rate: changes.world,
      slow: 0,
    })
    rows.push(rowOf('cores of rutas and PostgreSQL meanwhile', [cores], [coresGoal]))
    return rows
  },
}

/** The box of a reader: one degree, in rows of a hundred. */
const boxOf = (n: number): string => {
  const [west, south] = [(n % 100) - 50, Math.floor(n / 100)]
  return `${west},${south},${west + 1},${south + 1}`
}

const observe = async (
  platform: Platform,
  { boxes, rate, slow }: { boxes: readonly string[]; rate: number; slow: number },
): Promise<{ delays: number[]; sent: number; missing: number; cores: number }> => {
  const authorization = `Bearer ${await platform.token('viewer')}`
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  const delays: number[] = []
  const heard = new Map<string, number>()
  const streams = await Promise.all(
    boxes.map(async (bbox) => {
      const answer = await listen(platform, { bbox, authorization, agent })
      readPositions(answer, ({ mmsi, time }) => {
        delays.push(Date.now() - Date.parse(time))
        heard.set(mmsi, Date.parse(time))
      })
      return answer
    }),
  )
  for (let n = 0; n < slow; n++) {
    const answer = await listen(platform, { bbox: '-180,-90,180,90', authorization, agent })
    answer.pause()
    streams.push(answer)
  }
  const [began, usedBefore] = [performance.now(), await ingestCpuSeconds(platform)]
  const { sent, newest } = await send(platform, rate)
  const cores =
    ((await ingestCpuSeconds(platform)) - usedBefore) / ((performance.now() - began) / 1_000)
  const missing = () => [...newest].filter(([mmsi, time]) => (heard.get(mmsi) ?? 0) < time).length
  for (let waited = 0; missing() > 0 && waited < patience; waited += step) await sleep(step)
  for (const stream of streams) stream.destroy()
  return { delays, sent, missing: missing(), cores }
}

const listen = async (
  platform: Platform,
  { bbox, ...how }: { bbox: string; authorization: string; agent: Agent },
): Promise<IncomingMessage> => {
  const { authorization, agent } = how
  const out = get(`${platform.serviceUrl('rutas')}/v1/live?bbox=${bbox}`, {
    agent,
    headers: { authorization },
  })
  const [answer] = (await once(out, 'response')) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`the live stream answered ${answer.statusCode}`)
  answer.on('error', () => undefined)
  return answer
}

type Position = { mmsi: string; time: string }

const readPositions = (answer: IncomingMessage, tell: (position: Position) => void): void => {
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data === undefined) continue
      const { positions } = JSON.parse(data) as { positions?: Position[] }
      for (const position of positions ?? []) tell(position)
    }
  })
}

let round = 0

/** What was sent: how many reports, and the time of each ship's newest, in milliseconds since 1970. */
type Sent = { sent: number; newest: Map<string, number> }

/** Sends reports of ships in turn, each timed when it is sent. */
const send = async (platform: Platform, rate: number): Promise<Sent> => {
  const authorization = `Bearer ${await platform.token('ais-receiver')}`
  const began = performance.now()
  const pending: Promise<void>[] = []
  const newest = new Map<string, number>()
  let sent = 0
  while (performance.now() - began < seconds * 1_000) {
    const due = Math.floor(((performance.now() - began) / 1_000) * rate) - sent
    const time = Date.now()
    const lines = Array.from({ length: due }, (_, n) => {
      const mmsi = mmsiOf(sent + n)
      newest.set(mmsi, time)
      return report(sent + n, { mmsi, time })
    })
    sent += due
    if (due > 0) pending.push(post(platform, lines.join('\n'), authorization))
    await sleep(step)
  }
  round += 1
  await Promise.all(pending)
  return { sent, newest }
}

const mmsiOf = (n: number): string => String(225_000_000 + (n % ships))

/** A report of one ship in one of the thousand boxes, which lies still but for some metres. */
const report = (n: number, { mmsi, time }: { mmsi: string; time: number }): string => {
  const ship = n % ships
  const [west, south] = [(ship % 100) - 50, Math.floor(ship / 100) % 10]
  const moved = (Math.floor(n / ships) + round * 100) * 0.000_02
  const [line = ''] = encodeSentences(
    {
      type: 18,
      repeat: 0,
      mmsi,
      lat: south + 0.3 + moved,
      lon: west + 0.5,
      speed: 1,
      course: 0,
      heading: 0,
      accuracy: true,
      second: 0,
      positioning: 'normal',
      raim: false,
    },
    { time },
  )
  return line
}

const post = async (platform: Platform, body: string, authorization: string): Promise<void> => {
  const answer = await fetch(`${platform.serviceUrl('rutas')}/v1/ais`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'text/plain' },
    body,
  })
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`)
  await answer.arrayBuffer()
}
