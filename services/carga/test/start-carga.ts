import { randomUUID } from 'node:crypto'
import { startTestService } from '@porttrack/shared/testing/start-service'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { carga } from '../src/service.ts'
import { layOutBlock } from '../src/yard/yard.store.ts'
import { loadPortCallId } from './boxes.ts'
import { keepCall, type ToldCall } from '../src/port-calls/port-call.store.ts'

type Options = {
  issuer?: TokenIssuer
  barcosUrl?: string
  databaseUrl?: string
  /** Settings beside those of a test. */
  env?: Record<string, string>
}

/** carga on a database of its own; without `barcosUrl` it reads no feed. */
export const startCarga = async ({ issuer, barcosUrl, databaseUrl, env }: Options = {}) => {
  const service = await startTestService(carga, {
    env: {
      BARCOS_URL: barcosUrl ?? 'http://127.0.0.1:9',
      BACKGROUND: barcosUrl === undefined ? 'off' : 'on',
      ...env,
    },
    ...(issuer ? { issuer } : {}),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  })
  /** A port call as barcos would have told of it, and its id. */
  const knownCall = async (given: Partial<ToldCall> = {}): Promise<string> => {
    const id = given.id ?? randomUUID()
    await service.opened.database.transaction((unit) =>
      keepCall(unit, {
        id,
        unLocationCode: 'ESALG',
        state: 'WORKING',
        vesselName: 'Algeciras Star',
        vesselImoNumber: '9074729',
        agentOrganization: 'acme',
        carrierOrganization: null,
        terminalOrganization: null,
        eta: null,
        etd: null,
        toldAt: new Date(),
        ...given,
      }),
    )
    return id
  }
  if (databaseUrl === undefined) {
    await knownCall({ id: loadPortCallId })
    const block = { bays: 200, rows: 5, tiers: 4, plugBays: [1, 2, 3] }
    await service.opened.database.transaction(async (unit) => {
      for (const code of ['A', 'B', 'C']) {
        await layOutBlock(unit, { UNLocationCode: 'ESALG', code }, block)
      }
    })
  }
  return { ...service, knownCall }
}

export type TestCarga = Awaited<ReturnType<typeof startCarga>>
