import type { AnyService } from '@porttrack/shared/service/define-service'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { services } from '../../scripts/generate/processes.ts'

/** A service in the test's process, on a database of its own and without background work. */
export type RunningService = TestService<object> & { definition: AnyService; name: string }

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
    all.push({ ...service, definition, name: definition.name })
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
