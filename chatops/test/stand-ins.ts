import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = { status: number; body?: object }
type Handler = (request: IncomingMessage, body: string) => Answer

const listen = async (handle: Handler) => {
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const { status, body: answer } = handle(request, body)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(answer === undefined ? undefined : JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

type Started = { service: string; inputs: Record<string, string> }

/** GitHub's API, as far as an app that starts workflows uses it. It checks who calls. */
export const startGitHub = async (appKey: KeyObject) => {
  const publicKey = createPublicKey(appKey)
  const started: Started[] = []
  const state = { refuse: false, conclusion: 'success' }
  const bearerOf = ({ headers }: IncomingMessage) => headers.authorization?.slice(7) ?? ''
  const isApp = (token: string): boolean => {
    const [head = '', claims = '', signature = ''] = token.split('.')
    const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const now = Date.now() / 1_000
    return (
      verify(
        'sha256',
        Buffer.from(`${head}.${claims}`),
        publicKey,
        Buffer.from(signature, 'base64url'),
      ) &&
      iss === '12' &&
      iat <= now &&
      exp > now &&
      exp - iat <= 600
    )
  }
  const runOf = ({ service, inputs }: Started, index: number) => ({
    id: index + 1,
    html_url: `https://github.com/porttrack/porttrack/actions/runs/${index + 1}`,
    display_title: `${inputs['action']} ${service} in ${inputs['environment']} ${inputs['version']}`,
    created_at: new Date().toISOString(),
    status: 'completed',
    conclusion: state.conclusion,
  })
  const server = await listen((request, body) => {
    const { pathname } = new URL(request.url ?? '/', 'http://github')
    if (pathname === '/app/installations/34/access_tokens') {
      return isApp(bearerOf(request))
        ? {
            status: 201,
            body: { token: 'ghs_1', expires_at: new Date(Date.now() + 3_600_000).toISOString() },
          }
        : { status: 401 }
    }
    if (bearerOf(request) !== 'ghs_1') return { status: 401 }
    const workflow = /^\/repos\/porttrack\/porttrack\/actions\/workflows\/(\w+)\.yml\/(\w+)$/.exec(
      pathname,
    )
    if (workflow?.[2] === 'dispatches') {
      if (state.refuse) return { status: 503 }
      const { ref, inputs } = JSON.parse(body)
      if (ref !== 'main') return { status: 422 }
      started.push({ service: workflow[1] ?? '', inputs })
      return { status: 204 }
    }
    if (workflow?.[2] === 'runs') {
      const runs = started
        .map(runOf)
        .filter((_run, index) => started[index]?.service === workflow[1])
      return { status: 200, body: { workflow_runs: runs.toReversed() } }
    }
    const run = /\/actions\/runs\/(\d+)$/.exec(pathname)
    const index = Number(run?.[1]) - 1
    const found = started[index]
    return found ? { status: 200, body: runOf(found, index) } : { status: 404 }
  })
  return { ...server, started, state }
}

/** Prometheus's query API over series that a test gives. */
export const startPrometheus = async (
  versions: Readonly<Record<string, Readonly<Record<string, string>>>>,
) =>
  listen((_request, body) => {
    const query = new URLSearchParams(body).get('query') ?? ''
    const namespace = /namespace="([\w-]+)"/.exec(query)?.[1] ?? ''
    const of = Object.entries(versions[namespace] ?? {})
    const series = (metric: object, value: number) => ({ metric, value: [0, String(value)] })
    const result = query.includes('service_build_info')
      ? of.map(([service, version]) => series({ service, version }, 1))
      : query.includes('gateway_upstream_weight')
        ? [series({ namespace: 'porttrack-prod' }, 25)]
        : of.map(([service]) =>
            series({ service }, query.startsWith('sum') && service === 'carga' ? 1 : 2),
          )
    return { status: 200, body: { status: 'success', data: { result } } }
  })

/** The token endpoint and the gateway, with one ship. */
export const startPort = async () =>
  listen((request) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://port')
    if (pathname === '/oauth2/token') {
      const basic = Buffer.from('reader:client secret').toString('base64')
      return request.headers.authorization === `Basic ${basic}`
        ? { status: 200, body: { access_token: 'reads', expires_in: 3_600 } }
        : { status: 401, body: {} }
    }
    if (request.headers.authorization !== 'Bearer reads') return { status: 401 }
    if (pathname === '/barcos/v1/vessels') {
      const known = searchParams.get('vesselIMONumber') === '9074729'
      return { status: 200, body: { items: known ? [{ id: 'v1', name: 'ESTRELLA' }] : [] } }
    }
    return { status: 200, body: { items: [{ state: 'APPROVED', UNLocationCode: 'ESALG' }] } }
  })
