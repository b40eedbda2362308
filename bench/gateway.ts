import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startPlatform } from '@porttrack/scripts/platform/platform'
import { type Measurement, rowOf } from './measurement.ts'
import { requirePrograms } from './programs.ts'

const run = promisify(execFile)
const rounds = 5
const seconds = 5
const upstreamPort = 8_191
const proxyPort = 8_192

/** Requests a second through the gateway beside nginx as a bare proxy, one core each. */
export const gateway: Measurement = {
  name: 'gateway',
  title: 'requests a second on one core, token verified and all, against nginx as a bare proxy',
  run: async (log) => {
    await requirePrograms('taskset', 'nginx', 'wrk')
    const directory = await mkdtemp(join(tmpdir(), 'porttrack-bench-'))
    const servers: ChildProcess[] = []
    try {
      servers.push(await startNginx(directory, upstream))
      servers.push(await startNginx(directory, bareProxy))
      await using platform = await startPlatform({
        ports: 'ephemeral',
        applications: ['gateway'],
        environment: { LOG_LEVEL: 'info', TRACE_SAMPLE_RATIO: '0.1' },
        environmentOf: {
          gateway: {
            BARCOS_URL: `http://127.0.0.1:${upstreamPort}`,
            // Counted like anybody's requests, and never refused.
            RATE_LIMIT_CALLER: '1000000000',
            RATE_LIMIT_ADDRESS: '1000000000',
          },
        },
      })
      await run('taskset', ['-a', '-p', '-c', '0', String(platform.process('gateway').pid)])
      const token = await platform.token('viewer')
      const ours: number[] = []
      const reference: number[] = []
      for (let round = 0; round < rounds; round++) {
        ours.push(await load(`${platform.gatewayUrl}/barcos/v1/fixed`, token))
        reference.push(await load(`http://127.0.0.1:${proxyPort}/v1/fixed`, token))
        log(`round ${round + 1}: ${ours.at(-1)} against ${reference.at(-1)}`)
      }
      return [rowOf('requests a second', ours, reference)]
    } finally {
      for (const server of servers) server.kill('SIGQUIT')
      await rm(directory, { recursive: true, force: true })
    }
  },
}

/** wrk runs beside the upstream on the other core, away from what is measured. */
const load = async (url: string, token: string): Promise<number> => {
  const wrk = `wrk -t 1 -c 64 -d ${seconds}s`.split(' ')
  const header = `Authorization: Bearer ${token}`
  const { stdout } = await run('taskset', ['-c', '1', ...wrk, '-H', header, url])
  if (/Non-2xx/.test(stdout)) throw new Error(`not every answer was good:\n${stdout}`)
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]
  if (rate === undefined) throw new Error(`wrk said nothing to go by:\n${stdout}`)
  return Number(rate)
}

/** One nginx on one core: the upstream on core 1 beside the load, the bare proxy on core 0. */
const startNginx = async (directory: string, { name, core, server, port }: Nginx) => {
  const configuration = join(directory, `${name}.conf`)
  await writeFile(
    configuration,
    `daemon off; worker_processes 1; pid ${directory}/${name}.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  upstream fixed { server 127.0.0.1:${upstreamPort}; keepalive 64; }
  server { listen 127.0.0.1:${port}; ${server} }
}
`,
  )
  const nginx = ['nginx', '-p', directory, '-c', configuration]
  const child = spawn('taskset', ['-c', String(core), ...nginx], { stdio: 'inherit' })
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`nginx ended with ${code}`)))
  })
  await Promise.race([answering(`http://127.0.0.1:${port}/`), failed])
  failed.catch(() => undefined)
  return child
}

type Nginx = { name: string; core: number; server: string; port: number }

const upstream: Nginx = {
  name: 'upstream',
  core: 1,
  port: upstreamPort,
  server: `default_type application/json; location / { return 200 '{"fixed":true,"items":[1,2,3]}'; }`,
}

const bareProxy: Nginx = {
  name: 'proxy',
  core: 0,
  port: proxyPort,
  server: `location / { proxy_pass http://fixed; proxy_http_version 1.1; proxy_set_header Connection ''; }`,
}

const answering = async (url: string): Promise<void> => {
  for (let attempt = 0; attempt < 50; attempt++) {
    const good = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (good) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} does not answer`)
}
