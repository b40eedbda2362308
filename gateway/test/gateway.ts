import { type Agent, type IncomingHttpHeaders, request as sendRequest } from 'node:http'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { gateway } from '../src/service.ts'
import { textOf } from './http.ts'
import { startUserPool, type UserPool } from './user-pool.ts'

/** A port that nothing listens on. */
export const nowhere = 'http://127.0.0.1:1'

export type TestGateway = AsyncDisposable & {
  service: TestService<object>
  pool: UserPool
  url: string
  port: number
  issuer: TokenIssuer
  /** What `call` brings unless told otherwise; from the second call on the gateway knows it. */
  token: string
}

/**
 * A gateway, on a user pool of its own unless one is given; services that a test does not give are
 * not there. Rates are not limited unless a test says so: tests ask faster than callers do.
 */
export const startGateway = async (
  services: { barcos?: string; carga?: string; rutas?: string; personal?: string },
  {
    issuer = new TokenIssuer(),
    pool: given,
    env = {},
  }: { issuer?: TokenIssuer; pool?: UserPool; env?: Record<string, string> } = {},
): Promise<TestGateway> => {
  const pool = given ?? (await startUserPool())
  const service = await startTestService(gateway, {
    issuer,
    env: {
      ...pool.env,
      BARCOS_URL: services.barcos ?? nowhere,
      CARGA_URL: services.carga ?? nowhere,
      RUTAS_URL: services.rutas ?? nowhere,
      PERSONAL_URL: services.personal ?? nowhere,
      RATE_LIMIT_CALLER: '0',
      RATE_LIMIT_ADDRESS: '0',
      ...env,
    },
  })
  return {
    service,
    pool,
    url: service.url,
    port: Number(new URL(service.url).port),
    issuer,
    token: pool.userToken(),
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]()
      if (given === undefined) await pool[Symbol.asyncDispose]()
    },
  }
}

export type Answer = {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // eslint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  body: any
}

type CallOptions = {
  method?: string
  token?: string | null
  headers?: Record<string, string | string[]>
  body?: string | Buffer
  /** Whose connection is used; one of its own unless given. */
  agent?: Agent
}

/** What the process tells of itself, as Prometheus reads it. */
export const metricsOf = async ({ service }: TestGateway): Promise<string> =>
  (await fetch(`${service.managementUrl}/metrics`)).text()

/** One request with its path exactly as written, which fetch would tidy up. */
export const call = (
  { url, pool, token: own }: { url: string; pool: UserPool; token?: string },
  path: string,
  { method = 'GET', token = own ?? pool.userToken(), headers = {}, body, agent }: CallOptions = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const request = sendRequest(
      {
        hostname,
        port,
        path,
        method,
        headers: { ...authorization, ...length, ...headers },
        agent: agent ?? false,
      },
      (response) => {
        textOf(response).then(
          (text) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              body:
                /json/.test(String(response.headers['content-type'])) && text
                  ? JSON.parse(text)
                  : text,
            }),
          reject,
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
