import { startTestService } from '@porttrack/shared/testing/start-service'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { personal } from '../src/service.ts'

type Options = {
  issuer?: TokenIssuer
  barcosUrl?: string
  cargaUrl?: string
  databaseUrl?: string
  /** Settings beside those of a test. */
  env?: Record<string, string>
}

/** personal on a database of its own; without `barcosUrl` it reads no feed, and its jobs do not run. */
export const startPersonal = ({ issuer, barcosUrl, cargaUrl, databaseUrl, env }: Options = {}) =>
  startTestService(personal, {
    env: {
      BARCOS_URL: barcosUrl ?? 'http://127.0.0.1:9',
      CARGA_URL: cargaUrl ?? 'http://127.0.0.1:9',
      BACKGROUND: barcosUrl === undefined ? 'off' : 'on',
      ...env,
    },
    ...(issuer ? { issuer } : {}),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  })

export type TestPersonal = Awaited<ReturnType<typeof startPersonal>>
