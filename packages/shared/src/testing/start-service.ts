import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { HTTPMethods } from 'fastify'
import type { TProperties } from 'typebox'
import { createLogger } from '../logging/logger.ts'
import type { MetricTable } from '../metrics/define-metrics.ts'
import { type BuiltService, buildService } from '../service/build-service.ts'
import type { ServiceDefinition } from '../service/define-service.ts'
import { readEnvironment } from '../service/env.ts'
import { createTestDatabase } from './database.ts'
import { type Identity, TokenIssuer } from './token-issuer.ts'

export type TestAnswer = {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  // eslint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  body: any
  text: string
}

export type TestRequest = {
  /** Who asks; nobody when null. */
  as?: Identity | null
  body?: unknown
  headers?: Record<string, string>
}

/** A service running in the test's process, on a database of its own. */
export type TestService<Opened> = AsyncDisposable &
  BuiltService<Opened> & {
    databaseUrl: string
    /** Base URL of the API. */
    url: string
    /** Base URL of health and metrics. */
    managementUrl: string
    issuer: TokenIssuer
    /** Log records so far, parsed. */
    logs: () => Record<string, unknown>[]
    /** One request, as `harbour-master` unless said otherwise. */
    request: (method: HTTPMethods, path: string, options?: TestRequest) => Promise<TestAnswer>
  }

type StartOptions = { env?: Record<string, string>; issuer?: TokenIssuer; databaseUrl?: string }

/** Starts a service on free ports with real tokens and a real database. */
export const startTestService = async <
  Env extends TProperties,
  M extends MetricTable,
  Opened extends object,
  Tx,
>(
  definition: ServiceDefinition<Env, M, Opened, Tx>,
  { env = {}, issuer = new TokenIssuer(), databaseUrl }: StartOptions = {},
): Promise<TestService<Opened>> => {
  const { name, migrations } = definition
  const own = migrations && !databaseUrl ? await createTestDatabase(name, migrations) : undefined
  const url = databaseUrl ?? own?.url ?? ''
  const lines: string[] = []
  const log = createLogger({
    service: name,
    version: 'test',
    level: 'debug',
    destination: { write: (line) => lines.push(line) },
  })
  const variables = {
    PORT: '0',
    MANAGEMENT_PORT: '0',
    // A test machine may be slow; what is shed under load has a test of its own.
    SHED_DELAY_SECONDS: '3600',
    INTERNAL_KEY_SET_FILE: issuer.keySetFile,
    ...without(
      {
        CURSOR_KEY: 'a key that only tests use: 32 characters',
        WEBHOOK_KEY: 'a key that only tests use: 32 characters',
        SIGNING_KEY: issuer.signingKey(name),
        DATABASE_URL: url,
      },
      env['SECRETS_DIR'],
    ),
    ...env,
  }
  const onFault = (error: unknown) =>
    log.error({ err: error }, 'secret not usable, the one before stays in use')
  const config = readEnvironment(definition.env, variables, { onFault })
  const service = await buildService(definition, { config, log })
  await service.start()
  return {
    ...service,
    databaseUrl: url,
    url: addressOf(service.app.server),
    managementUrl: addressOf(service.management.server),
    issuer,
    logs: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    request: async (method, path, { as = harbourMaster, body, headers } = {}) => {
      const authorization = as === null ? {} : bearer(issuer.gatewayToken(name, as))
      const answer = await service.app.inject({
        method,
        url: path,
        headers: { ...authorization, ...headers },
        ...(body === undefined ? {} : { payload: body as string | object }),
      })
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: answer.body,
        body: isJson(answer) ? answer.json() : answer.body,
      }
    },
    [Symbol.asyncDispose]: async () => {
      await service.close()
      await own?.[Symbol.asyncDispose]()
      issuer[Symbol.dispose]()
    },
  }
}

/** Leaves out the secrets that a test gives by files. */
const without = (secrets: Record<string, string>, folder: string | undefined) =>
  Object.fromEntries(
    Object.entries(secrets).filter(
      ([name]) => folder === undefined || !existsSync(join(folder, name)),
    ),
  )

const harbourMaster: Identity = { roles: ['harbour-master'] }

const isJson = ({ headers, body }: { headers: TestAnswer['headers']; body: string }): boolean =>
  body !== '' && /json/.test(String(headers['content-type']))

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const addressOf = (server: Server): string => {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('the service does not listen')
  return `${'setSecureContext' in server ? 'https' : 'http'}://127.0.0.1:${address.port}`
}
