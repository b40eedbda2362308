import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { keysUrl } from '@porttrack/scripts/platform/cognito'
import { startPlatform } from '@porttrack/scripts/platform/platform'
import { cpuSeconds } from './cpu-time.ts'
import { type Measurement, type Row, rowOf } from './measurement.ts'
import { requirePrograms } from './programs.ts'

const run = promisify(execFile)
const rounds = 5
/** Rounds before them that are left out: code grows warm, in a gateway once and for all. */
const coldRounds = 2
const seconds = 5
const upstreamPort = 8_191
const upstreamUrl = `http://127.0.0.1:${upstreamPort}`
/** The upstream answers whatever is sent with 200, so it can take the spans as well. */
const collectorUrl = upstreamUrl
const peers = fileURLToPath(new URL('peers/', import.meta.url))

/** A proxy that the gateway is measured against, alone on core 0 like the gateway itself. */
type Peer = { name: string; port: number; start: (options: PeerOptions) => Promise<ChildProcess> }
type PeerOptions = { directory: string; port: number; keys: string }

const usualGateway =
  (traces: boolean): Peer['start'] =>
  async ({ port, keys }) => {
    const program = [
      ...(traces ? ['--import', `${peers}usual-traces.ts`] : []),
      `${peers}usual-gateway.ts`,
    ]
    return startServer([process.execPath, ...program], {
      core: 0,
      port,
      environment: {
        PORT: String(port),
        UPSTREAM: upstreamUrl,
        KEYS_URL: keys,
        COLLECTOR: `${collectorUrl}/v1/traces`,
      },
    })
  }

const contenders: readonly Peer[] = [
  {
    name: 'nginx, bare',
    port: 8_192,
    start: ({ directory, port }) =>
      startNginx(directory, {
        core: 0,
        port,
        server: `location / { proxy_pass http://fixed; proxy_http_version 1.1; proxy_set_header Connection ''; }`,
      }),
  },
  { name: 'haproxy, bare', port: 8_193, start: (options) => startHaproxy(options) },
  { name: 'the usual plugins', port: 8_194, start: usualGateway(false) },
  { name: 'the usual plugins with traces', port: 8_195, start: usualGateway(true) },
]

/**
 * Requests a second through the gateway beside its peers, one core each, measured in turn, and the
 * CPU time that each takes for one, which tells more where others want the cores too.
 */
export const gateway: Measurement = {
  name: 'gateway',
  title:
    'requests a second on one core, and microseconds of CPU for one, token verified and all, against proxies that do less',
  run: async (log) => {
    await requirePrograms('taskset', 'nginx', 'haproxy', 'wrk')
    const directory = await mkdtemp(join(tmpdir(), 'porttrack-bench-'))
    const servers: ChildProcess[] = []
    try {
      servers.push(await startNginx(directory, upstream))
      await using platform = await startPlatform({
        ports: 'ephemeral',
        applications: ['gateway'],
        environment: {
          LOG_LEVEL: 'info',
          TRACE_SAMPLE_RATIO: '0.1',
          OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
        },
        environmentOf: {
          gateway: {
            BARCOS_URL: upstreamUrl,
            // Counted like anybody's requests, and never refused.
            RATE_LIMIT_CALLER: '1000000000',
            RATE_LIMIT_ADDRESS: '1000000000',
          },
        },
      })
      await run('taskset', ['-a', '-p', '-c', '0', String(platform.process('gateway').pid)])
      const keys = keysUrl(platform.ports.cognito)
      const ours = resultsOf(platform.gatewayUrl, platform.process('gateway').pid)
      const theirs: (Results & { name: string })[] = []
      for (const { name, port, start } of contenders) {
        const server = await start({ directory, port, keys })
        servers.push(server)
        theirs.push({ name, ...resultsOf(`http://127.0.0.1:${port}`, server.pid) })
      }
      const token = await platform.token('viewer')
      for (let round = 1 - coldRounds; round <= rounds; round++) {
        for (const results of [ours, ...theirs]) await measure(results, token)
        log(`round ${round}: ${lastOf(ours)}; ${theirs.map(lastOf).join(', ')}`)
        if (round === 0)
          for (const { rates, costs } of [ours, ...theirs]) rates.length = costs.length = 0
      }
      return theirs.flatMap(({ name, rates, costs }): Row[] => [
        rowOf(name, ours.rates, rates),
        rowOf(`${name}, microseconds of CPU`, ours.costs, costs),
      ])
    } finally {
      for (const server of servers) server.kill('SIGTERM')
      await rm(directory, { recursive: true, force: true })
    }
  },
}

/** What the rounds have shown of one proxy: requests a second, and microseconds of CPU for one. */
type Results = { url: string; pid: number | undefined; rates: number[]; costs: number[] }

const resultsOf = (origin: string, pid: number | undefined): Results => ({
  url: `${origin}/barcos/v1/fixed`,
  pid,
  rates: [],
  costs: [],
})

const lastOf = ({ rates, costs }: Results): string =>
  `${rates.at(-1)?.toFixed(0)} (${costs.at(-1)?.toFixed(1)} µs)`

const measure = async ({ url, pid, rates, costs }: Results, token: string): Promise<void> => {
  const before = await cpuSeconds(pid)
  const { rate, requests } = await load(url, token)
  rates.push(rate)
  costs.push((((await cpuSeconds(pid)) - before) / requests) * 1e6)
}

/** wrk runs beside the upstream on the other core, away from what is measured. */
const load = async (url: string, token: string): Promise<{ rate: number; requests: number }> => {
  const wrk = `wrk -t 1 -c 64 -d ${seconds}s`.split(' ')
  const header = `Authorization: Bearer ${token}`
  const { stdout } = await run('taskset', ['-c', '1', ...wrk, '-H', header, url])
  if (/Non-2xx/.test(stdout)) throw new Error(`not every answer was good:\n${stdout}`)
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]
  const requests = /(\d+) requests in/.exec(stdout)?.[1]
  if (rate === undefined || requests === undefined)
    throw new Error(`wrk said nothing to go by:\n${stdout}`)
  return { rate: Number(rate), requests: Number(requests) }
}

/** An nginx of one process; on core 1 the upstream, beside the load. */
const startNginx = async (directory: string, { core, server, port }: Nginx) => {
  const configuration = join(directory, `nginx-${port}.conf`)
  await writeFile(
    configuration,
    `daemon off; worker_processes 1; pid ${directory}/nginx-${port}.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  upstream fixed { server 127.0.0.1:${upstreamPort}; keepalive 64; }
  server { listen 127.0.0.1:${port}; ${server} }
}
`,
  )
  return startServer(['nginx', '-p', directory, '-c', configuration], { core, port })
}

type Nginx = { core: number; server: string; port: number }

const upstream: Nginx = {
  core: 1,
  port: upstreamPort,
  server: `default_type application/json; location / { return 200 '{"fixed":true,"items":[1,2,3]}'; }`,
}

const startHaproxy = async ({ directory, port }: PeerOptions) => {
  const configuration = join(directory, 'haproxy.cfg')
  await writeFile(
    configuration,
    `global
  nbthread 1
defaults
  mode http
  timeout client 10s
  timeout connect 10s
  timeout server 10s
listen proxy
  bind 127.0.0.1:${port}
  http-reuse always
  server fixed 127.0.0.1:${upstreamPort}
`,
  )
  return startServer(['haproxy', '-db', '-f', configuration], { core: 0, port })
}

type Server = { core: number; port: number; environment?: Record<string, string> }

const startServer = async (
  command: readonly string[],
  { core, port, environment = {} }: Server,
): Promise<ChildProcess> => {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${command[0]} ended with ${code}`)))
  })
  await Promise.race([answering(`http://127.0.0.1:${port}/`), failed])
  failed.catch(() => undefined)
  return child
}

const answering = async (url: string): Promise<void> => {
  for (let attempt = 0; attempt < 50; attempt++) {
    const good = await fetch(url).then(
      () => true,
      () => false,
    )
    if (good) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} does not answer`)
}
