import { createLogger } from '@porttrack/shared/logging/logger'
import { buildService } from '@porttrack/shared/service/build-service'
import type { AnyService } from '@porttrack/shared/service/define-service'
import { readEnvironment } from '@porttrack/shared/service/env'

/** Enough of an environment to build a service that never listens and never connects. */
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
}

/** `docs/openapi/<service>.json`: what each service serves, as it says itself. */
export const openApiDocuments = async (
  services: readonly AnyService[],
): Promise<Record<string, string>> => {
  const documents: Record<string, string> = {}
  for (const definition of services) {
    const config = readEnvironment(definition.env, environment)
    const log = createLogger({ service: definition.name, version: '0.1.0', level: 'silent' })
    const service = await buildService(definition, { config, log })
    await service.app.ready()
    const document = JSON.stringify(service.app.swagger(), null, 2)
    documents[`docs/openapi/${definition.name}.json`] = `${document}\n`
    await service.close()
  }
  return documents
}
