import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCallers } from '@porttrack/release/test/measured/callers'
import { startPrometheus } from '@porttrack/release/test/measured/prometheus-server'
import { startUserPool } from '@porttrack/release/test/measured/user-pool'
import { startVersion } from '@porttrack/release/test/measured/version'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { alertmanagerConfig } from '../../alertmanager/alertmanager.ts'
import { ruleGroups } from '../../alerts/rule-groups.ts'
import { prometheusGroup, yaml } from '../../prometheus/rule-files.ts'
import { prometheusConfig } from '../../prometheus/server-config.ts'
import { startReceivers } from './slack.ts'

/** An hour passes in a minute: five minutes are five seconds. */
const pace = 60

const undo = new AsyncDisposableStack()
let platform: Platform
let receivers: Awaited<ReturnType<typeof startReceivers>>
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
  const pool = undo.use(await startUserPool())
  platform = undo.use(
    await startPlatform({
      ports: 'ephemeral',
      applications: ['carga', 'gateway'],
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
  await prometheus.scrape(
    (['carga', 'gateway'] as const).map((service) => ({
      address: new URL(platform.managementUrl(service)).host,
      labels: { namespace: 'p', service, track: 'stable' },
    })),
  )
  const callers = Array.from({ length: 60 }, (_, n) => ({
    token: pool.token(`caller-${n}`, 'viewer'),
  }))
  const { statuses } = undo.use(
    startCallers(`${platform.gatewayUrl}/carga/v1/container-visits`, callers),
  )
  await vi.waitUntil(() => (statuses().get(200) ?? 0) > 200, { timeout: 60_000, interval: 100 })
}, 120_000)
afterAll(() => undo.disposeAsync())

/** Waits until Slack has been told, and then that it is over. */
const expectTold = (title: string) =>
  expect.poll(() => receivers.titles(), { timeout: 60_000, interval: 250 }).toContain(title)

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

  it('that memory runs out', async () => {
    process.kill(platform.process('carga').pid ?? 0, 'SIGWINCH')
    await expectTold('ticket: PortTrackMemory · carga · p')
    process.kill(platform.process('carga').pid ?? 0, 'SIGWINCH')
    await expectTold('resolved: PortTrackMemory · carga · p')
  })
})
