import { createPrivateKey, randomUUID, sign, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { clientId, issuer, machineClientNames, scopesOf } from './identities.ts'
import type { MachineClientName } from './identities.ts'
import type { Secrets } from './secrets.ts'

const lifetimeSeconds = 3600
const largestBody = 16 * 1024

export interface MachineTokenServer {
  stop(): Promise<void>
}

/**
 * `POST /oauth2/token` as Cognito answers it for the grant `client_credentials`, which the
 * stand-in lacks. Development only: it signs with the stand-in's key, which anyone may read.
 *
 * @throws the listener's error when the port is taken
 */
export async function startMachineTokenServer(options: {
  readonly port: number
  readonly secrets: Secrets
}): Promise<MachineTokenServer> {
  const signingKey = standInKey()
  const server = createServer((request, response) => {
    void answer(request, response, (parameters) =>
      grant(parameters, { secrets: options.secrets, signingKey }),
    ).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

interface SigningKey {
  readonly kid: string
  readonly pem: string
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

interface TokenRequest {
  readonly authorization: string | undefined
  readonly form: URLSearchParams
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  respond: (parameters: TokenRequest) => Answer,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://tokens')
  if (pathname !== '/oauth2/token') {
    send(response, { status: 404, body: { error: 'not_found' } })
    return
  }
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST')
    send(response, { status: 405, body: { error: 'method_not_allowed' } })
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) {
      send(response, invalid('invalid_request'))
      return
    }
    chunks.push(chunk)
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
  send(response, respond({ authorization: request.headers.authorization, form }))
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}

function grant(
  { authorization, form }: TokenRequest,
  { secrets, signingKey }: { secrets: Secrets; signingKey: SigningKey },
): Answer {
  if (form.get('grant_type') !== 'client_credentials') return invalid('unsupported_grant_type')
  const given = credentials(authorization, form)
  const name = machineClientNames.find((candidate) => clientId(candidate) === given?.id)
  if (name === undefined || !sameText(given?.secret ?? '', secrets.machineClients[name])) {
    return invalid('invalid_client')
  }
  const scopes = grantedScopes(name, form.get('scope'))
  if (scopes === undefined) return invalid('invalid_scope')
  const token = machineToken({ client: clientId(name), scopes, signingKey })
  return {
    status: 200,
    body: { access_token: token, expires_in: lifetimeSeconds, token_type: 'Bearer' },
  }
}

function invalid(error: string): Answer {
  return { status: 400, body: { error } }
}

function credentials(
  authorization: string | undefined,
  form: URLSearchParams,
): { id: string; secret: string } | undefined {
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1]
  if (basic !== undefined) {
    const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':')
    return { id, secret: secret.join(':') }
  }
  const [id, secret] = [form.get('client_id'), form.get('client_secret')]
  return id === null || secret === null ? undefined : { id, secret }
}

/** All of the client's scopes when it names none; undefined when it names one it may not have. */
function grantedScopes(name: MachineClientName, asked: string | null): string[] | undefined {
  const allowed = scopesOf(name)
  const wanted = (asked ?? '').split(' ').filter((scope) => scope !== '')
  if (wanted.some((scope) => !allowed.includes(scope))) return undefined
  return wanted.length === 0 ? [...allowed] : wanted
}

function machineToken(options: {
  client: string
  scopes: readonly string[]
  signingKey: SigningKey
}): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { kid: options.signingKey.kid, alg: 'RS256' }
  const claims = {
    sub: options.client,
    token_use: 'access',
    scope: options.scopes.join(' '),
    auth_time: now,
    iss: issuer,
    exp: now + lifetimeSeconds,
    iat: now,
    version: 2,
    jti: randomUUID(),
    client_id: options.client,
  }
  const signed = [header, claims].map((part) => base64url(JSON.stringify(part))).join('.')
  const signature = sign('sha256', Buffer.from(signed), createPrivateKey(options.signingKey.pem))
  return `${signed}.${signature.toString('base64url')}`
}

function standInKey(): SigningKey {
  const require = createRequire(import.meta.url)
  const { jwk } = require('cognito-local/lib/keys/cognitoLocal.public.json') as {
    jwk: { kid: string }
  }
  const { pem } = require('cognito-local/lib/keys/cognitoLocal.private.json') as { pem: string }
  return { kid: jwk.kid, pem }
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
