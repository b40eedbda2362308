import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeSentences } from '@porttrack/ais/encode'
import { CertificateAuthority } from '@porttrack/local-certificates/certificate-authority'
import { writeCertificateFiles } from '@porttrack/local-certificates/certificate-files'
import { startCallers } from '@porttrack/release/test/measured/callers'
import { startPrometheus } from '@porttrack/release/test/measured/prometheus-server'
import { startUserPool, type UserPool } from '@porttrack/release/test/measured/user-pool'
import { startVersion } from '@porttrack/release/test/measured/version'
import {
  type ApplicationName,
  type Platform,
  type Replica,
  startPlatform,
} from '@porttrack/scripts/platform/platform'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'
import { withClient } from '@porttrack/shared/database/session'
import { startOtlpReceiver } from '@porttrack/shared/testing/otlp-receiver'
import { peerUri } from '@porttrack/shared/tls/peer-identity'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { alertmanagerConfig } from '../../alertmanager/alertmanager.ts'
import { alertNames, ruleGroups } from '../../alerts/rule-groups.ts'
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
/** What Prometheus looks at: the first process of each service, and others that were started beside it. */
const pods: Pod[] = []
let scrape: () => Promise<void>
/** Starts another process of a service, which takes part in nothing unless it is asked. */
const startWatched = async (
  service: ApplicationName,
  environment: Record<string, string> = {},
): Promise<Replica> => {
  const replica = await platform.startReplica(service, { BACKGROUND: 'off', ...environment })
  pods.push({ service, managementUrl: replica.managementUrl })
  await scrape()
  return replica
}
/** Shows a certificate of its own, and does on a signal what no service should. */
let odd: Replica
let renewCertificate: () => Promise<void>
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>
let voyages: readonly [traced: string, other: string]
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
  collector = undo.use(await startOtlpReceiver())
  platform = undo.use(
    await startPlatform({
      ports: 'ephemeral',
      applications: watched,
      environment: { LOG_LEVEL: 'warn' },
      environmentOf: {
        rutas: {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          VOYAGE_LOOK_SECONDS: '1',
          VOYAGE_TRACE_SETTLE_SECONDS: '0',
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
        // A scrape may take as long as it is to the next, which a busy machine needs.
        global: { scrape_interval: '1s', evaluation_interval: '500ms' },
        rule_files,
        alerting,
      },
      // What was told before Alertmanager was found is told again.
      flags: ['--rules.alert.resend-delay=1s'],
    }),
  )
  scrape = () =>
    prometheus.scrape(
      pods.map((pod) => ({
        address: new URL(pod.managementUrl).host,
        labels: { namespace: 'p', service: pod.service, track: 'stable' },
      })),
    )
  pods.push(
    ...watched.map((service) => ({ service, managementUrl: platform.managementUrl(service) })),
  )
  await scrape()

  const authority = await CertificateAuthority.create('Alerting')
  const certificates = join(folder, 'tls')
  const certify = async (hours: number) =>
    writeCertificateFiles(certificates, {
      ...(await authority.issue({
        name: 'carga',
        uris: [peerUri('porttrack', 'carga')],
        notAfter: new Date(Date.now() + hours * 60 * minute),
      })),
      authorities: authority.certificate,
    })
  // Five days are two hours here.
  await certify(1)
  renewCertificate = () => certify(30 * 24)
  odd = await startWatched('carga', {
    NODE_OPTIONS: `--max-old-space-size=256 --import=${new URL('misbehave.js', import.meta.url).href}`,
    TLS_MODE: 'mutual',
    TLS_DIR: certificates,
  })
  const callers = Array.from({ length: 60 }, (_, n) => ({
    token: pool.token(`caller-${n}`, 'viewer'),
  }))
  const { statuses } = undo.use(
    startCallers(`${platform.gatewayUrl}/carga/v1/container-visits`, callers),
  )
  collector.refuse(503)
  voyages = [await makeVoyage(907_500), await makeVoyage(907_501)]
  await vi.waitUntil(() => (statuses().get(200) ?? 0) > 200, { timeout: 60_000, interval: 100 })
}, 240_000)
afterAll(() => undo.disposeAsync())

/** Waits until Slack has been told: that something is wrong, or that it is over. */
const expectTold = async (title: string): Promise<void> => {
  try {
    await vi.waitUntil(() => receivers.titles().includes(title), {
      timeout: 240_000,
      interval: 250,
    })
  } catch (error) {
    const told = receivers.titles().join('\n')
    throw new Error(`Slack was not told "${title}", but:\n${told}`, { cause: error })
  }
}

/** Does something again and again until Slack has been told. */
const untilTold = async (title: string, act: () => Promise<void>): Promise<void> => {
  const over = new AbortController()
  const acting = (async () => {
    while (!over.signal.aborted) await act()
  })()
  try {
    await Promise.race([expectTold(title), acting])
  } finally {
    over.abort()
    await acting
  }
}

/** What is locked or renamed so long. */
const whileIn = async (
  database: string,
  statements: { begin: string; end: string },
  act: () => Promise<void>,
): Promise<void> =>
  withClient(platform.superuserUrl(database), async (client) => {
    await client.query(statements.begin)
    try {
      await act()
    } finally {
      await client.query(statements.end)
    }
  })

const locked = (table: string) => ({
  begin: `BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`,
  end: 'COMMIT',
})
const away = (table: string) => ({
  begin: `ALTER TABLE ${table} RENAME TO ${table}_away`,
  end: `ALTER TABLE ${table}_away RENAME TO ${table}`,
})

/** Makes something by the gateway. */
const make = async (path: string, body: object) => {
  const made = await fetch(`${platform.gatewayUrl}${path}`, {
    method: 'POST',
    headers: { ...asAdmin(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await made.text()
  expect(made.ok, text).toBe(true)
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

/** An IMO number, by what it begins with. */
const imoNumber = (six: number): string => {
  const digits = String(six)
  const check = [...digits].reduce((sum, digit, index) => sum + Number(digit) * (7 - index), 0) % 10
  return `${digits}${check}`
}

/** Callers who ask as soon as they are answered. */
const startAsking = (count: number, url: string, tokenOf: (n: number) => string) => {
  const over = new AbortController()
  const asking = Array.from({ length: count }, async (_, n) => {
    const headers = { authorization: `Bearer ${tokenOf(n)}` }
    while (!over.signal.aborted) {
      await fetch(url, { headers }).then((answer) => answer.text())
      await sleep(50)
    }
  })
  return {
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await Promise.all(asking)
    },
  }
}

/** A voyage between two ports, from the first of which the ship has gone. */
const makeVoyage = async (six: number): Promise<string> => {
  const at = (hours: number) => new Date(Date.now() + hours * 60 * minute).toISOString()
  const voyage = await make('/rutas/v1/voyages', {
    vesselIMONumber: imoNumber(six),
    MMSINumber: `225${six}`,
    carrierVoyageNumber: '017W',
    calls: [
      { transportCallReference: 'MAPTM-1', UNLocationCode: 'MAPTM', plannedDeparture: at(-6) },
      {
        transportCallReference: 'ESALG-1',
        UNLocationCode: 'ESALG',
        plannedArrival: at(-0.3),
        plannedDeparture: at(24),
      },
      { UNLocationCode: 'NLRTM', plannedArrival: at(120) },
    ],
  })
  for (const [event, transportCallReference, hours] of [
    ['DEPARTURE', 'MAPTM-1', -6],
    ['ARRIVAL', 'ESALG-1', -0.2],
  ] as const) {
    await make(`/rutas/v1/voyages/${voyage.id}/reports`, {
      event,
      transportCallReference,
      time: at(hours),
    })
  }
  return voyage.id
}

it('nothing is told while all is well, but that alerting works', async () => {
  await vi.waitUntil(() => receivers.toBot().length > 1, { timeout: 30_000 })
  expect(receivers.titles()).toEqual([])
  expect(receivers.toBot()[0]).toMatchObject({
    authorization: 'Bearer known to the bot',
    body: { status: 'firing', commonLabels: { alertname: 'PortTrackWatchdog' } },
  })
})

// All at once. What is caused in one service hides nothing of another; where two causes in a service
// would, they are in one test, one after the other.
describe.concurrent('Slack and the bot are told', { timeout: 300_000 }, () => {
  it('that a release answers late and not always, and what it has cost', async () => {
    await using bad = await startVersion(platform.serviceUrl('carga'), { failing: 3, slower: 14 })
    await serve(bad.url)
    for (const title of [
      'page: PortTrackAvailabilityBudgetFast · carga · p',
      'page: PortTrackErrors · gateway · p',
      'page: PortTrackCallsSlow · carga · p',
      'page: PortTrackLatencyBudgetFast · carga · p',
    ]) {
      await expectTold(title)
    }
    await serve(platform.serviceUrl('carga'))
    for (const title of [
      'resolved: PortTrackAvailabilityBudgetFast · carga · p',
      'resolved: PortTrackErrors · gateway · p',
      'resolved: PortTrackCallsSlow · carga · p',
      'resolved: PortTrackLatencyBudgetFast · carga · p',
      'ticket: PortTrackAvailabilityBudgetSlow · carga · p',
      'ticket: PortTrackLatencyBudgetSlow · carga · p',
      'resolved: PortTrackAvailabilityBudgetSlow · carga · p',
      'resolved: PortTrackLatencyBudgetSlow · carga · p',
    ]) {
      await expectTold(title)
    }
  })

  it('that a service was killed and is back, and that someone is to work without rest', async () => {
    await platform.process('personal').kill()
    await expectTold('page: PortTrackDown · personal · p')
    await platform.process('personal').start()
    await expectTold('resolved: PortTrackDown · personal · p')
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

  it('that one of several processes is gone, and that it ends again and again', async () => {
    const { process: replica } = await startWatched('gateway')
    await replica.kill()
    await expectTold('ticket: PortTrackProcessGone · gateway · p')
    await replica.start()
    await expectTold('resolved: PortTrackProcessGone · gateway · p')
    await untilTold('ticket: PortTrackRestarting · gateway · p', async () => {
      await replica.kill()
      await replica.start()
      await sleep(1_000)
    })
    await expectTold('resolved: PortTrackRestarting · gateway · p')
  })

  it('that many callers are not who they say', async () => {
    const forged = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmVk'
    {
      await using _ = startAsking(
        1,
        `${platform.gatewayUrl}/carga/v1/container-visits`,
        () => forged,
      )
      await expectTold('ticket: PortTrackAuthenticationFailures · gateway · p')
    }
    await expectTold('resolved: PortTrackAuthenticationFailures · gateway · p')
  })

  it('that a service is slow, and that requests wait for the database', async () => {
    const url = `${platform.gatewayUrl}/barcos/v1/berths`
    const asker = (n: number) => pool.token(`asker-${n}`, 'viewer')
    {
      // Fewer than the database has connections for.
      await using _ = startAsking(8, url, asker)
      await untilTold('page: PortTrackSlow · barcos · p', () =>
        whileIn('barcos', locked('berth'), () => sleep(1_200)),
      )
    }
    await expectTold('resolved: PortTrackSlow · barcos · p')
    {
      await using _ = startAsking(30, url, asker)
      await whileIn('barcos', locked('berth'), () =>
        expectTold('page: PortTrackDatabasePool · barcos · p'),
      )
    }
    await expectTold('resolved: PortTrackDatabasePool · barcos · p')
  })

  it('that events are not read, cannot be applied, and are not taken by a receiver', async () => {
    const waiting: ServerResponse[] = []
    let takes = false
    const receiver = createServer((request, response) => {
      request.resume()
      if (takes) response.writeHead(204).end()
      else waiting.push(response)
    })
    await new Promise<void>((resolve) => {
      receiver.listen(0, '127.0.0.1', resolve)
    })
    try {
      await make('/barcos/v1/webhooks', {
        url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
        eventTypes: ['barcos.vessel.registered'],
      })
      await vi.waitUntil(
        async () => {
          const metrics = await fetch(`${platform.managementUrl('carga')}/metrics`)
          return (await metrics.text()).includes('feed_consumer_position{')
        },
        { timeout: 30_000, interval: 100 },
      )
      await whileIn('carga', locked('kit.feed_cursor'), () =>
        whileIn('rutas', away('port_call'), async () => {
          const vessels = await Promise.all(
            Array.from({ length: 12 }, (_, index) =>
              make('/barcos/v1/vessels', {
                name: 'ANA',
                vesselIMONumber: imoNumber(907_400 + index),
                flag: 'ES',
              }),
            ),
          )
          await make('/barcos/v1/port-calls', {
            vesselId: vessels[0].id,
            agentOrganization: 'acme',
            UNLocationCode: 'ESALG',
            purposes: ['CARGO_OPERATIONS'],
            eta: new Date(Date.now() + 60 * minute).toISOString(),
            etd: new Date(Date.now() + 600 * minute).toISOString(),
          })
          await Promise.all([
            expectTold('page: PortTrackFeedStalled · carga · p'),
            expectTold('page: PortTrackFeedLag · rutas · p'),
          ])
        }),
      )
      await Promise.all([
        expectTold('resolved: PortTrackFeedStalled · carga · p'),
        expectTold('resolved: PortTrackFeedLag · rutas · p'),
        (async () => {
          await expectTold('ticket: PortTrackWebhooksLate · barcos · p')
          takes = true
          for (const response of waiting) response.writeHead(204).end()
          await expectTold('resolved: PortTrackWebhooksLate · barcos · p')
        })(),
      ])
    } finally {
      receiver.closeAllConnections()
      receiver.close()
    }
  })

  it('that AIS comes late and is written too slowly, and then that none comes', async () => {
    await sendSentence(0)
    const late = async () => {
      const writing: Promise<void>[] = []
      await whileIn('rutas', locked('position'), async () => {
        for (let sent = 0; sent < 6; sent += 1) {
          writing.push(sendSentence(minute * 5))
          await sleep(500)
        }
      })
      await Promise.all(writing)
    }
    await untilTold('page: PortTrackIngestOverload · rutas · p', late)
    await untilTold('ticket: PortTrackIngestLag · rutas · p', late)
    await expectTold('page: PortTrackAisSilent · rutas · p')
    await untilTold('resolved: PortTrackAisSilent · rutas · p', async () => {
      await sendSentence(0)
      await sleep(250)
    })
    await expectTold('resolved: PortTrackIngestLag · rutas · p')
    await expectTold('resolved: PortTrackIngestOverload · rutas · p')
  })

  it('that voyages are not looked after, or late, and that no collector takes them', async () => {
    const [looked, held] = voyages
    const behind = whileIn(
      'rutas',
      { begin: `BEGIN; SELECT FROM voyage WHERE id = '${held}' FOR UPDATE`, end: 'COMMIT' },
      () => expectTold('ticket: PortTrackVoyagesBehind · rutas · p'),
    )
    try {
      await whileIn('rutas', away('voyage_entry'), () =>
        expectTold('ticket: PortTrackVoyageLooksFailing · rutas · p'),
      )
      await withClient(platform.superuserUrl('rutas'), (client) =>
        untilTold('ticket: PortTrackVoyageTracesWaiting · rutas · p', async () => {
          // It is sent again after a minute, which is an hour here.
          await client.query(`UPDATE voyage SET trace_at = now() WHERE id = '${looked}'`)
          await sleep(1_000)
        }),
      )
      collector.refuse(null)
    } finally {
      await behind
    }
    await Promise.all([
      expectTold('resolved: PortTrackVoyageLooksFailing · rutas · p'),
      expectTold('resolved: PortTrackVoyagesBehind · rutas · p'),
      expectTold('resolved: PortTrackVoyageTracesWaiting · rutas · p'),
    ])
  })

  // One after the other: what misses a scrape has its hour begin anew.
  it('that a certificate is near its end, memory runs out, a process reckons without a pause', async () => {
    const signal = (name: NodeJS.Signals) => process.kill(odd.process.pid ?? 0, name)
    await expectTold('ticket: PortTrackCertificateEnding · carga · p')
    await renewCertificate()
    await expectTold('resolved: PortTrackCertificateEnding · carga · p')
    signal('SIGWINCH')
    await expectTold('ticket: PortTrackMemory · carga · p')
    signal('SIGWINCH')
    signal('SIGIO')
    await Promise.all([
      expectTold('ticket: PortTrackEventLoop · carga · p'),
      expectTold('ticket: PortTrackProcessor · carga · p'),
    ])
    signal('SIGIO')
    await Promise.all([
      expectTold('resolved: PortTrackMemory · carga · p'),
      expectTold('resolved: PortTrackEventLoop · carga · p'),
      expectTold('resolved: PortTrackProcessor · carga · p'),
    ])
  })
})

it('has caused every alert', () => {
  const told = receivers.titles().flatMap((title) => /PortTrack\w+/.exec(title) ?? [])
  expect([...new Set([...told, 'PortTrackWatchdog'])].toSorted()).toEqual(alertNames)
})
