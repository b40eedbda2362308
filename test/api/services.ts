import type { AnyService } from '@porttrack/shared/service/define-service'
import {
  startTestService,
  type TestAnswer,
  type TestRequest,
  type TestService,
} from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { services } from '../../scripts/generate/processes.ts'

/** A service in the test's process, on a database of its own and without background work. */
export type RunningService = TestService<object> & { definition: AnyService; name: string }

/** Where requests to a service go in: at the service itself, or at the gateway. */
export type Door = Pick<RunningService, 'name' | 'request'>

export type RunningServices = AsyncDisposable & {
  issuer: TokenIssuer
  all: RunningService[]
  named: (name: string) => RunningService
}

const nowhere = 'http://127.0.0.1:1'

/** Starts every service, with keys that all of them know. */
export const startServices = async (): Promise<RunningServices> => {
  const issuer = new TokenIssuer()
  const all: RunningService[] = []
  for (const definition of services) {
    const service = await startTestService(definition, {
      issuer,
      env: {
        BACKGROUND: 'off',
        BARCOS_URL: nowhere,
        CARGA_URL: nowhere,
        RUTAS_URL: nowhere,
        PERSONAL_URL: nowhere,
      },
    })
    all.push(withStreams({ ...service, definition, name: definition.name }))
  }
  return {
    issuer,
    all,
    named: (name) => {
      const found = all.find((service) => service.name === name)
      if (!found) throw new Error(`no service ${name}`)
      return found
    },
    [Symbol.asyncDispose]: async () => {
      for (const service of all) await service[Symbol.asyncDispose]()
    },
  }
}

/** Operations that answer by a stream without an end. */
const streams: ReadonlySet<string> = new Set(['rutas GET /v1/live'])

export const isStream = (name: string, method: string, path: string): boolean =>
  streams.has(`${name} ${method} ${path.split('?')[0]}`)

/** A service of whose streams a request takes the beginning, since they would never end. */
const withStreams = (service: RunningService): RunningService => {
  const { name, url, issuer } = service
  return {
    ...service,
    request: (method, path, options: TestRequest = {}) => {
      if (!isStream(name, method, path)) return service.request(method, path, options)
      const { as = { roles: ['harbour-master'] }, headers = {} } = options
      const token = as === null ? null : issuer.gatewayToken(name, as)
      return beginningOf(`${url}${path}`, { token, headers })
    },
  }
}

/** The status of an answer that may be a stream, and its body where it is none. */
export const beginningOf = async (
  address: string,
  { token, headers }: { token: string | null; headers: Record<string, string> },
): Promise<TestAnswer> => {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  const cut = new AbortController()
  const answer = await fetch(address, {
    headers: { ...authorization, ...headers },
    signal: cut.signal,
  })
  const type = answer.headers.get('content-type') ?? ''
  const streamed = type.startsWith('text/event-stream')
  const text = streamed ? '' : await answer.text()
  if (streamed) cut.abort()
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text,
    body: /json/.test(type) && text !== '' ? JSON.parse(text) : text,
  }
}
