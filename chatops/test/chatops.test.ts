import { createHmac, generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@porttrack/shared/logging/logger'
import { readSettings } from '@porttrack/shared/service/env'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startChatops } from '../src/service.ts'
import { settings } from '../src/settings.ts'
import { botEnvironment } from './environment.ts'
import { createSlack, type Slack } from './slack.ts'
import { startGitHub, startPort, startPrometheus } from './stand-ins.ts'

const appKey = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
const [observer, deployer, releaser] = ['U0ANA', 'U0LUIS', 'U0EVA'] as const
const lines: string[] = []
const log = createLogger({
  service: 'chatops',
  version: 'test',
  level: 'debug',
  destination: { write: (line) => lines.push(line) },
})

let folder: string
let github: Awaited<ReturnType<typeof startGitHub>>
let environment: Record<string, string>
let slack: Slack
let chatops: Awaited<ReturnType<typeof startChatops>>
const undo: (() => void)[] = []

const start = async (change: Record<string, string> = {}) => {
  slack = createSlack()
  chatops = await startChatops({
    config: readSettings(settings, { ...environment, ...change }),
    log,
    slack: slack.clients,
    interval: 20,
  })
  await chatops.connected
}

const urlOf = (app: { server: { address: () => unknown } }): string =>
  `http://127.0.0.1:${(app.server.address() as { port: number }).port}`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porttrack-chatops-'))
  github = await startGitHub(appKey)
  const staging = {
    barcos: '1.2.0',
    carga: '1.1.0',
    rutas: '1.0.0',
    personal: '1.0.0',
    gateway: '2.0.0',
  }
  const prometheus = await startPrometheus({
    'porttrack-staging': staging,
    'porttrack-prod': { ...staging, barcos: '1.1.0', gateway: '1.9.0' },
    'porttrack-test': staging,
  })
  const port = await startPort()
  undo.push(github.close, prometheus.close, port.close)
  const access = {
    rooms: ['C0PORT'],
    people: {
      [observer]: { name: 'Ana', role: 'observer' },
      [deployer]: { name: 'Luis', role: 'deployer' },
      [releaser]: { name: 'Eva', role: 'releaser' },
    },
  }
  environment = {
    ...(await botEnvironment({ folder, access, github, appKey })),
    ANNOUNCE_ROOM: 'C0NEWS',
    PROMETHEUS_URL: prometheus.url,
    GATEWAY_URL: port.url,
    TOKEN_URL: `${port.url}/oauth2/token`,
    CLIENT_ID: 'reader',
    CLIENT_SECRET: 'client secret',
  }
  await start()
})
afterAll(async () => {
  await chatops.close()
  for (const end of undo) end()
  await rm(folder, { recursive: true })
})
afterEach(() => {
  github.started.length = 0
  github.state.refuse = false
  github.state.conclusion = 'success'
})

/** What the bot answers to a line, once it has answered so many times. */
const answers = async (user: string, line: string, { room = 'C0PORT', count = 1 } = {}) => {
  const before = slack.said.length
  slack.write(user, line, room)
  await expect.poll(() => slack.said.length - before).toBeGreaterThanOrEqual(count)
  return slack.said.slice(before).map(({ text }) => text)
}
const answer = async (user: string, line: string, room?: string) =>
  (await answers(user, line, room === undefined ? {} : { room }))[0] ?? ''

const audit = async () =>
  (await readFile(join(folder, 'data', 'audit.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>)

describe('who may', () => {
  it('is refused by default: strangers, other rooms, and roles that are too small', async () => {
    expect(await answer('U0NOBODY', 'estado')).toMatch(/No sé quién eres.*archivo de accesos/)
    expect(await answer(releaser, 'status', 'C0OTHER')).toMatch(/I take no commands here/)
    expect(await answer(observer, 'despliegue test barcos 1.2.0')).toMatch(/Tu papel no permite/)
    expect(await answer(deployer, 'deploy prod barcos 1.2.0')).toMatch(/Your role does not allow/)
    expect(github.started).toEqual([])
    expect((await audit()).slice(-4)).toMatchObject([
      { user: 'U0NOBODY', decision: 'refused', detail: 'person', command: 'estado' },
      { user: releaser, room: 'C0OTHER', decision: 'refused', detail: 'room' },
      { user: observer, decision: 'refused', detail: 'role' },
      { user: deployer, decision: 'refused', detail: 'role' },
    ])
  })

  it('is not another bot, nor what is not understood', async () => {
    const before = slack.said.length
    slack.hears({ user: releaser, channel: 'C0PORT', text: '<@UBOT> estado', bot_id: 'B1' })
    expect(await answer(releaser, 'despliegue prod; rm -rf /')).toMatch(/No entiendo/)
    for (const line of [
      'deploy prod barcos 1.2',
      'deploy mars',
      'rollback barcos',
      'constructor',
    ]) {
      expect(await answer(releaser, line)).toMatch(/understand|No entiendo/)
    }
    expect(slack.said.length - before).toBe(5)
    expect(github.started).toEqual([])
  })
})

describe('a deployment', () => {
  it('starts the workflow, and answers with its run', async () => {
    expect(await answer(deployer, 'despliegue staging carga v1.1.0')).toBe(
      '*carga*: en marcha, https://github.com/porttrack/porttrack/actions/runs/1',
    )
    expect(github.started).toEqual([
      { service: 'carga', inputs: { action: 'release', environment: 'staging', version: '1.1.0' } },
    ])
    expect((await audit()).at(-1)).toMatchObject({
      user: deployer,
      decision: 'done',
      detail: 'release carga staging 1.1.0',
    })
  })

  it('takes the version of staging where none is said', async () => {
    await answer(deployer, 'deploy test barcos')
    expect(github.started).toMatchObject([{ service: 'barcos', inputs: { version: '1.2.0' } }])
  })

  it('of prod waits for a code, of the same person in the same room, once', async () => {
    const asked = await answer(releaser, 'revertir barcos prod')
    const code = /confirmar (\d{6})/.exec(asked)?.[1] ?? ''
    expect(github.started).toEqual([])
    expect(await answer(deployer, `confirmar ${code}`)).toMatch(/no vale/)
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    expect(await answer(releaser, `confirm ${wrong}`)).toMatch(/not good/)
    expect(await answer(releaser, `confirmar ${code}`)).toMatch(/en marcha/)
    expect(await answer(releaser, `confirmar ${code}`)).toMatch(/no vale/)
    expect(github.started).toMatchObject([
      { service: 'barcos', inputs: { action: 'rollback', environment: 'prod', version: '' } },
    ])
  })

  it('without a service deploys what differs from staging, one after another, the gateway last', async () => {
    const asked = await answer(releaser, 'despliegue prod')
    const code = /confirmar (\d{6})/.exec(asked)?.[1] ?? ''
    const told = await answers(releaser, `confirmar ${code}`, { count: 4 })
    expect(told).toEqual([
      expect.stringMatching(/^\*barcos\*: en marcha/),
      '*barcos*: desplegado.',
      expect.stringMatching(/^\*gateway\*: en marcha/),
      '*gateway*: desplegado.',
    ])
    expect(github.started.map(({ service, inputs }) => [service, inputs['version']])).toEqual([
      ['barcos', '1.2.0'],
      ['gateway', '2.0.0'],
    ])
    expect(await answer(releaser, 'despliegue test')).toMatch(/Nada que desplegar/)
  })

  it('of several stops at the first that fails', async () => {
    github.state.conclusion = 'failure'
    const code = /(\d{6})/.exec(await answer(releaser, 'deploy prod'))?.[1] ?? ''
    const told = await answers(releaser, `confirm ${code}`, { count: 2 })
    expect(told[1]).toBe('*barcos*: ended as `failure`; I do not go on with the others.')
    expect(github.started).toHaveLength(1)
  })

  it('says so when GitHub does not answer', async () => {
    github.state.refuse = true
    expect(await answer(deployer, 'despliegue test barcos 1.2.0')).toMatch(/No ha podido ser/)
    expect((await audit()).at(-1)).toMatchObject({ decision: 'failed', detail: /503/ })
  })
})

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  it('lets nothing be done of which no record is kept', async () => {
    await chatops.close()
    const data = await mkdtemp(join(folder, 'full-'))
    await symlink('/dev/full', join(data, 'audit.jsonl'))
    await start({ DATA_DIR: data })
    expect(await answer(deployer, 'despliegue test barcos 1.2.0')).toMatch(
      /No puedo dejar constancia/,
    )
    expect(await answer('U0NOBODY', 'estado')).toMatch(/No sé quién eres/)
    expect(github.started).toEqual([])
    await chatops.close()
    await start()
  })
})

describe('a look', () => {
  it('at an environment, a canary and a ship', async () => {
    const status = await answer(observer, 'estado prod')
    expect(status).toMatch(/🟢 \*barcos\* 1\.1\.0 \(2\/2\)/)
    expect(status).toMatch(/🟡 \*carga\* 1\.1\.0 \(1\/2\)/)
    expect(await answer(observer, 'canary barcos')).toBe('*barcos* prod: 25 %')
    expect(await answer(observer, 'barco 9074729')).toBe(
      '*ESTRELLA* · IMO 9074729\nESALG: APPROVED',
    )
    expect(await answer(observer, 'ship 9074728')).toMatch(/no IMO number/)
    expect(await answer(observer, 'barco 9166778')).toMatch(/ningún buque/)
    expect(await answer(observer, 'ayuda')).toMatch(/despliegue/)
    expect(await answer(observer, 'help')).toMatch(/deploy/)
  })
})

const alert = (change: object = {}) => ({
  status: 'firing',
  labels: {
    alertname: 'PortTrackDown',
    service: 'carga',
    namespace: 'porttrack-prod',
    severity: 'page',
  },
  annotations: {
    summary: 'No process of carga answers',
    runbook_url: 'https://example.org/PortTrackDown.md',
    dashboard: '/d/porttrack-service',
  },
  startsAt: new Date(Date.now() - 90_000).toISOString(),
  endsAt: '0001-01-01T00:00:00Z',
  ...change,
})

const post = async (
  source: string,
  body: string,
  headers: Record<string, string>,
): Promise<number> => {
  const response = await fetch(`${urlOf(chatops.webhooks)}/webhooks/${source}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return response.status
}
const hmac = (secret: string, text: string) =>
  createHmac('sha256', secret).update(text).digest('hex')
const fromAlertmanager = (...alerts: object[]) =>
  post('alertmanager', JSON.stringify({ alerts }), { authorization: 'Bearer alertmanager token' })
const fromGrafana = (alerts: object[], seconds = Math.floor(Date.now() / 1_000)) => {
  const body = JSON.stringify({ alerts })
  return post('grafana', body, {
    'x-grafana-alerting-timestamp': String(seconds),
    'x-grafana-alerting-signature': hmac('grafana secret', `${seconds}:${body}`),
  })
}
const fromGitHub = (event: string, payload: object, delivery: string, secret = 'github secret') => {
  const body = JSON.stringify(payload)
  return post('github', body, {
    'x-github-event': event,
    'x-github-delivery': delivery,
    'x-hub-signature-256': `sha256=${hmac(secret, body)}`,
  })
}

describe('an incident', () => {
  it('is what an alert tells, with its runbook and dashboard, until it ends', async () => {
    expect(await answer(observer, 'alerta')).toMatch(/No ha habido/)
    const down = alert()
    expect(await fromAlertmanager(down)).toBe(204)
    expect(await answer(observer, 'alerta')).toMatch(
      /\*PortTrackDown\* · carga · porttrack-prod\nNo process of carga answers\nDesde .*sigue \(1 min \d+ s\)\nhttps:\/\/example\.org\/PortTrackDown\.md\nhttps:\/\/grafana\.example\/d\/porttrack-service\?var-service=carga/,
    )
    expect(
      await fromAlertmanager({ ...down, status: 'resolved', endsAt: new Date().toISOString() }),
    ).toBe(204)
    expect(await answer(observer, 'alert')).toMatch(/lasted 1 min 3\d s/)
  })

  it('is known after a restart', async () => {
    expect(await fromGrafana([alert({ startsAt: new Date().toISOString() })])).toBe(204)
    await chatops.close()
    await start()
    expect(await answer(observer, 'alerta')).toMatch(/PortTrackDown.*sigue/s)
  })
})

describe('a webhook', () => {
  const metrics = async () => (await fetch(`${urlOf(chatops.management)}/metrics`)).text()

  it('is refused, and counted, where it is not signed, too old, too large or not understood', async () => {
    const body = JSON.stringify({ alerts: [] })
    expect(await post('alertmanager', body, {})).toBe(401)
    expect(await post('alertmanager', body, { authorization: 'Bearer x' })).toBe(401)
    expect(await fromGrafana([], Math.floor(Date.now() / 1_000) - 600)).toBe(401)
    expect(await fromGitHub('push', {}, 'd0', 'another secret')).toBe(401)
    const authorization = 'Bearer alertmanager token'
    expect(await post('alertmanager', '{"alerts":[{}]}', { authorization })).toBe(400)
    expect(await post('alertmanager', '{', { authorization })).toBe(400)
    expect(await post('alertmanager', `"${'x'.repeat(300_000)}"`, { authorization })).toBe(413)
    expect(await post('alertmanager', body, { authorization, 'content-type': 'text/plain' })).toBe(
      415,
    )
    expect(await fromGitHub('deployment', {}, 'd1')).toBe(400)
    expect(await metrics()).toMatch(
      /chatops_webhooks_total\{source="alertmanager",outcome="refused"\} [5-9]/,
    )
  })

  it('of GitHub is told once: a check that failed, a change of what is deployed', async () => {
    const failed = {
      action: 'completed',
      workflow_run: {
        name: 'ci',
        conclusion: 'failure',
        head_branch: 'main',
        html_url: 'https://x/1',
      },
    }
    const pushed = {
      ref: 'refs/heads/main',
      compare: 'https://x/2',
      commits: [{ added: ['deploy/helm/a.yaml'], removed: [], modified: ['README.md'] }],
    }
    const before = slack.said.length
    expect(await fromGitHub('workflow_run', failed, 'd2')).toBe(204)
    expect(await fromGitHub('workflow_run', failed, 'd2')).toBe(204)
    expect(await fromGitHub('push', pushed, 'd3')).toBe(204)
    expect(await fromGitHub('push', { ...pushed, commits: [] }, 'd4')).toBe(204)
    expect(slack.said.slice(before)).toMatchObject([
      { channel: 'C0NEWS', text: '🔴 *ci* ha fallado en main: https://x/1' },
      { channel: 'C0NEWS', text: '🛠️ Cambia la infraestructura (1 archivos): https://x/2' },
    ])
  })
})

describe('alerting that is silent', () => {
  it('is told, and so is that it is heard again', async () => {
    await chatops.close()
    await start({ WATCHDOG_SECONDS: '1' })
    await expect.poll(() => slack.said.at(-1)?.text ?? '').toMatch(/No me llegan alertas/)
    await fromAlertmanager(alert({ labels: { alertname: 'PortTrackWatchdog' } }))
    await expect.poll(() => slack.said.map(({ text }) => text).join()).toMatch(/Vuelven a llegarme/)
  })
})

it('writes no secret into its log', () => {
  const text = lines.join('')
  for (const name of Object.keys(environment).filter((each) => /TOKEN$|SECRET$|KEY$/.test(each))) {
    expect(text).not.toContain(environment[name])
  }
})
