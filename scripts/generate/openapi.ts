import type { GuardedRoute } from '@porttrack/shared/auth/authenticate'
import { createLogger } from '@porttrack/shared/logging/logger'
import { buildService } from '@porttrack/shared/service/build-service'
import type { AnyService } from '@porttrack/shared/service/define-service'
import { readEnvironment } from '@porttrack/shared/service/env'

/** Enough of an environment to build a process that never listens and never connects. */
const environment = {
  PORT: '0',
  MANAGEMENT_PORT: '0',
  CURSOR_KEY: 'documents are made without a cursor',
  WEBHOOK_KEY: 'documents are made without a webhook',
  DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
  BARCOS_URL: 'http://127.0.0.1:1',
  CARGA_URL: 'http://127.0.0.1:1',
  RUTAS_URL: 'http://127.0.0.1:1',
  PERSONAL_URL: 'http://127.0.0.1:1',
  COGNITO_USER_POOL_ID: 'eu-west-1_Documents',
  COGNITO_CLIENT_IDS: 'documents',
}

/** What a process says of itself once it is built. */
export type SelfDescription = {
  definition: AnyService
  document: object
  routes: readonly GuardedRoute[]
}

/** Builds each process, without starting it, and asks it for its OpenAPI document and its routes. */
export const describeProcesses = async (
  processes: readonly AnyService[],
): Promise<SelfDescription[]> => {
  const described: SelfDescription[] = []
  for (const definition of processes) {
    const config = readEnvironment(definition.env, environment)
    const log = createLogger({ service: definition.name, version: '0.1.0', level: 'silent' })
    const { app, close } = await buildService(definition, { config, log })
    await app.ready()
    described.push({ definition, document: app.swagger(), routes: app.guardedRoutes })
    await close()
  }
  return described
}

/** `docs/openapi/<service>.json`: what each service serves, as it says itself. */
export const openApiDocuments = (described: readonly SelfDescription[]): Record<string, string> =>
  Object.fromEntries(
    described
      .filter(({ definition }) => definition.name !== 'gateway')
      .map(({ definition, document }) => [
        `docs/openapi/${definition.name}.json`,
        `${JSON.stringify(document, null, 2)}\n`,
      ]),
  )
