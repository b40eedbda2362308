import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeSentences } from '@porttrack/ais/encode'
import { startCallers } from '@porttrack/release/test/measured/callers'
import { startPrometheus } from '@porttrack/release/test/measured/prometheus-server'
import { startUserPool, type UserPool } from '@porttrack/release/test/measured/user-pool'
import { startVersion } from '@porttrack/release/test/measured/version'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'
import { withClient } from '@porttrack/shared/database/session'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { alertmanagerConfig } from '../../alertmanager/alertmanager.ts'
import { ruleGroups } from '../../alerts/rule-groups.ts'
import { prometheusGroup, yaml } from '../../prometheus/rule-files.ts'
import { prometheusConfig } from '../../prometheus/server-config.ts'
import { startReceivers } from './slack.ts'

/** An hour passes in a minute: five minutes are five seconds. */
const pace = 60
const minute = 60_000

const positionReport = {
  type: 18,
  repeat: 0,
  mmsi: '225000001',
  lat: 36.1,
  lon: -5.4,
  speed: 1,
  course: 0,
  heading: 0,
  accuracy: true,
  positioning: 'normal',
  raim: false,
} as const

const undo = new AsyncDisposableStack()
let platform: Platform
let pool: UserPool
let receivers: Awaited<ReturnType<typeof startReceivers>>
const watched = ['barcos', 'carga', 'rutas', 'personal', 'gateway'] as const

type Pod = { service: string; managementUrl: string }
const podOf = (service: (typeof watched)[number]): Pod => ({
  service,
  managementUrl: platform.managementUrl(service),
})
/** Has Prometheus look at more pods besides the first of each service. */
let watch: (pods: readonly Pod[]) => Promise<void>
/** Who answers for carga: the process itself, or something that stands in front of it. */
let serve: (url: string) => Promise<void>

const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )

const startAlertmanager = async (folder: string, config: object): Promise<string> => {
  const { barcos: port } = await ephemeralPorts()
  const file = join(folder, 'alertmanager.yaml')
  await writeFile(file, yaml(config))
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  undo.defer(async () => {
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  })
  await vi.waitUntil(() => answers(`http://127.0.0.1:${port}/-/ready`), { timeout: 30_000 })
  return `127.0.0.1:${port}`
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'porttrack-alerting-'))
  undo.defer(() => rm(folder, { recursive: true }))
  receivers = undo.use(await startReceivers())
  pool = undo.use(await startUserPool())
  platform = undo.use(
    await startPlatform({
      ports: 'ephemeral',
      applications: watched,
      environment: { LOG_LEVEL: 'warn' },
      environmentOf: {
        carga: {
          NODE_OPTIONS: `--max-old-space-size=256 --import=${new URL('hold-memory.js', import.meta.url).href}`,
        },
        gateway: {
          UPSTREAMS_DIR: folder,
          COGNITO_JWKS_URL: pool.keysUrl,
          RATE_LIMIT_ADDRESS: '0',
        },
      },
    }),
  )
  serve = async (url) => {
    const file = join(folder, 'carga.json')
    await writeFile(`${file}.next`, JSON.stringify({ stable: url, canary: null, weight: 0 }))
    await rename(`${file}.next`, file)
  }
  await serve(platform.serviceUrl('carga'))

  const secret = async (name: string, value: string) => {
    await writeFile(join(folder, name), value)
    return join(folder, name)
  }
  const alertmanager = await startAlertmanager(
    folder,
    alertmanagerConfig(
      {
        slackUrlFile: await secret('slack', `${receivers.url}/slack`),
        pageChannel: '#page',
        ticketChannel: '#ticket',
        bot: { url: `${receivers.url}/bot`, tokenFile: await secret('token', 'known to the bot') },
      },
      pace,
    ),
  )
  const rules = join(folder, 'rules.yaml')
  const groups = ruleGroups(pace).map((group) => prometheusGroup(group, pace))
  await writeFile(rules, yaml({ groups }))
  const { rutas: port } = await ephemeralPorts()
  const { rule_files, alerting } = prometheusConfig({
    engine: 'alertmanager',
    ruleFiles: [rules],
    alertmanager,
    scrapeConfigs: [],
  })
  const prometheus = undo.use(
    await startPrometheus(join(folder, 'prometheus'), port, {
      settings: {
        global: { scrape_interval: '500ms', evaluation_interval: '500ms' },
        rule_files,
        alerting,
      },
      // What was told before Alertmanager was found is told again.
      flags: ['--rules.alert.resend-delay=1s'],
    }),
  )
  watch = (pods) =>
    prometheus.scrape(
      [...watched.map(podOf), ...pods].map((pod) => ({
        address: new URL(pod.managementUrl).host,
        labels: { namespace: 'p', service: pod.service, track: 'stable' },
      })),
    )
  await watch([])
  const callers = Array.from({ length: 60 }, (_, n) => ({
    token: pool.token(`caller-${n}`, 'viewer'),
  }))
  const { statuses } = undo.use(
    startCallers(`${platform.gatewayUrl}/carga/v1/container-visits`, callers),
  )
  await vi.waitUntil(() => (statuses().get(200) ?? 0) > 200, { timeout: 60_000, interval: 100 })
}, 120_000)
afterAll(() => undo.disposeAsync())

/** Waits until Slack has been told: that something is wrong, or that it is over. */
const expectTold = (title: string) =>
  expect.poll(() => receivers.titles(), { timeout: 100_000, interval: 250 }).toContain(title)

/** Makes something by the gateway. */
const make = async (path: string, body: object) => {
  const made = await fetch(`${platform.gatewayUrl}${path}`, {
    method: 'POST',
    headers: { ...asAdmin(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await made.text()
  expect(made.status, text).toBe(201)
  return JSON.parse(text)
}

const asAdmin = () => ({ authorization: `Bearer ${pool.token('someone', 'admin')}` })

/** Sends a ship's position that is so many milliseconds old. */
const sendSentence = async (age: number): Promise<void> => {
  const time = Date.now() - age
  const [sentence = ''] = encodeSentences(
    { ...positionReport, second: new Date(time).getUTCSeconds() },
    { time },
  )
  const answer = await fetch(`${platform.gatewayUrl}/rutas/v1/ais`, {
    method: 'POST',
    headers: { ...asAdmin(), 'content-type': 'text/plain' },
    body: sentence,
  })
  expect(answer.status, await answer.text()).toBe(200)
}

const whileSending = (age: number, title: string) =>
  expect
    .poll(
      async () => {
        await sendSentence(age)
        return receivers.titles()
      },
      { timeout: 60_000, interval: 250 },
    )
    .toContain(title)

describe('Slack and the bot are told', () => {
  it('nothing while all is well, but that alerting works', async () => {
    await vi.waitUntil(() => receivers.toBot().length > 1, { timeout: 30_000 })
    expect(receivers.titles()).toEqual([])
    expect(receivers.toBot()[0]).toMatchObject({
      authorization: 'Bearer known to the bot',
      body: { status: 'firing', commonLabels: { alertname: 'PortTrackWatchdog' } },
    })
  })

  it('that a service was killed, and that it is back', async () => {
    await platform.process('carga').kill()
    await expectTold('page: PortTrackDown · carga · p')
    await platform.process('carga').start()
    await expectTold('resolved: PortTrackDown · carga · p')
    const [first] = receivers
      .messages()
      .flatMap(({ channel, attachments }) =>
        attachments.map((each) => ({ channel, ...each })).filter(({ title }) => /Down/.test(title)),
      )
    expect(first).toMatchObject({
      channel: '#page',
      color: 'danger',
      text: expect.stringContaining('docs/runbooks/PortTrackDown.md'),
    })
  })

  it('that many requests fail', async () => {
    await using failing = await startVersion(platform.serviceUrl('carga'), { failing: 4 })
    await serve(failing.url)
    await expectTold('page: PortTrackAvailabilityBudgetFast · carga · p')
    await expectTold('page: PortTrackErrors · gateway · p')
    await serve(platform.serviceUrl('carga'))
    await expectTold('resolved: PortTrackErrors · gateway · p')
    await expectTold('resolved: PortTrackAvailabilityBudgetFast · carga · p')
  })

  it('that calls are slow', async () => {
    await using slow = await startVersion(platform.serviceUrl('carga'), { slower: 14 })
    await serve(slow.url)
    await expectTold('page: PortTrackCallsSlow · carga · p')
    await serve(platform.serviceUrl('carga'))
    await expectTold('resolved: PortTrackCallsSlow · carga · p')
  })

  it('that many callers are not who they say', async () => {
    const forged = 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmVk'
    const url = `${platform.gatewayUrl}/carga/v1/container-visits`
    const over = new AbortController()
    const knocking = (async () => {
      while (!over.signal.aborted) {
        await fetch(url, { headers: { authorization: forged } }).then((answer) => answer.text())
        await sleep(50)
      }
    })()
    try {
      await expectTold('ticket: PortTrackAuthenticationFailures · gateway · p')
    } finally {
      over.abort()
      await knocking
    }
    await expectTold('resolved: PortTrackAuthenticationFailures · gateway · p')
  })

  it('that requests wait for the database', async () => {
    await withClient(platform.superuserUrl('carga'), async (client) => {
      await client.query('BEGIN')
      await client.query('LOCK TABLE container_visit IN ACCESS EXCLUSIVE MODE')
      await expectTold('page: PortTrackDatabasePool · carga · p')
      await client.query('COMMIT')
    })
    await expectTold('resolved: PortTrackDatabasePool · carga · p')
  })

  it('that one of several processes is gone', async () => {
    const { process: replica, managementUrl } = await platform.startReplica('carga')
    await watch([{ service: 'carga', managementUrl }])
    await replica.kill()
    await expectTold('ticket: PortTrackProcessGone · carga · p')
    await replica.start()
    await expectTold('resolved: PortTrackProcessGone · carga · p')
    await watch([])
  })

  it('that a service does not read another’s events', async () => {
    await vi.waitUntil(
      async () => {
        const metrics = await fetch(`${platform.managementUrl('carga')}/metrics`)
        return (await metrics.text()).includes('feed_consumer_position{')
      },
      { timeout: 30_000, interval: 100 },
    )
    await withClient(platform.superuserUrl('carga'), async (client) => {
      await client.query('BEGIN')
      await client.query('LOCK TABLE kit.feed_cursor IN ACCESS EXCLUSIVE MODE')
      await make('/barcos/v1/vessels', { name: 'ANA', vesselIMONumber: '9074729', flag: 'ES' })
      await expectTold('page: PortTrackFeedStalled · carga · p')
      await client.query('COMMIT')
    })
    await expectTold('resolved: PortTrackFeedStalled · carga · p')
  })

  it('that a receiver sends what is minutes old, and then nothing', async () => {
    await sendSentence(0)
    await whileSending(minute * 5, 'ticket: PortTrackIngestLag · rutas · p')
    await expectTold('page: PortTrackAisSilent · rutas · p')
    await whileSending(0, 'resolved: PortTrackAisSilent · rutas · p')
    await expectTold('resolved: PortTrackIngestLag · rutas · p')
  })

  it('that AIS is written too slowly', async () => {
    const told = 'page: PortTrackIngestOverload · rutas · p'
    await withClient(platform.superuserUrl('rutas'), async (client) => {
      await vi.waitUntil(
        async () => {
          await client.query('BEGIN')
          await client.query('LOCK TABLE ais_message IN ACCESS EXCLUSIVE MODE')
          const written = sendSentence(0)
          await sleep(3_000)
          await client.query('COMMIT')
          await written
          return receivers.titles().includes(told)
        },
        { timeout: 90_000, interval: 1 },
      )
    })
    await expectTold('resolved: PortTrackIngestOverload · rutas · p')
  })

  it('that someone is to work without rest', async () => {
    const employee = await make('/personal/v1/employees', {
      personnelNumber: 'P-1',
      givenName: 'Ana',
      familyName: 'Ruiz',
      organization: 'pilots',
      roles: ['PILOT'],
      skills: [],
      restProfile: 'STCW_MLC',
    })
    const shift = await make('/personal/v1/shifts', {
      UNLocationCode: 'ESALG',
      kindOfWork: 'PILOTAGE',
      startsAt: new Date(Date.now() + minute).toISOString(),
      endsAt: new Date(Date.now() + 20 * 60 * minute).toISOString(),
      positions: [{ role: 'PILOT' }],
    })
    await make(`/personal/v1/shifts/${shift.id}/assignments`, {
      positionId: shift.positions[0].id,
      employeeId: employee.id,
      override: { reason: 'Nobody else can bring the ship in before the storm' },
    })
    await expectTold('ticket: PortTrackRestBreach · personal · p')
    await expectTold('resolved: PortTrackRestBreach · personal · p')
  })

  it('that a process ends again and again', async () => {
    const told = 'ticket: PortTrackRestarting · gateway · p'
    await vi.waitUntil(
      async () => {
        await platform.process('gateway').kill()
        await platform.process('gateway').start()
        await sleep(1_000)
        return receivers.titles().includes(told)
      },
      { timeout: 90_000, interval: 1 },
    )
    await expectTold('resolved: PortTrackRestarting · gateway · p')
  })

  it('that memory runs out', async () => {
    process.kill(platform.process('carga').pid ?? 0, 'SIGWINCH')
    await expectTold('ticket: PortTrackMemory · carga · p')
    process.kill(platform.process('carga').pid ?? 0, 'SIGWINCH')
    await expectTold('resolved: PortTrackMemory · carga · p')
  })
})
