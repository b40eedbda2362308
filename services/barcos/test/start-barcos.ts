import type { Identity, TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { imoCheckDigit } from '../src/vessels/imo-number.ts'
import { barcos } from '../src/service.ts'
import { insertBerth, insertReservation } from './rows.ts'

export const agent: Identity = { roles: ['agent'], org: 'acme', subject: 'acme-agent' }
export const otherAgent: Identity = { roles: ['agent'], org: 'globex', subject: 'globex-agent' }

/** A port at which nothing listens. */
const nowhere = 'http://127.0.0.1:9'

let registered = 0

/** An IMO number and an MMSI that no other ship of this run has. */
export const nextIdentity = () => {
  registered += 1
  const firstSix = String(900_000 + registered)
  return {
    vesselIMONumber: firstSix + imoCheckDigit(firstSix),
    MMSINumber: String(224_000_000 + registered),
  }
}

type Headers = Record<string, string>
type Options = {
  issuer?: TokenIssuer
  rutasUrl?: string
  cargaUrl?: string
  personalUrl?: string
  databaseUrl?: string
  /** Settings beside those of a test. */
  env?: Record<string, string>
}

/** barcos on a database of its own; without the URL of a service it reads no feed. */
export const startBarcos = async ({
  issuer,
  rutasUrl,
  cargaUrl,
  personalUrl,
  databaseUrl,
  env,
}: Options = {}) => {
  const urls = [rutasUrl, cargaUrl, personalUrl]
  const service = await startTestService(barcos, {
    env: {
      RUTAS_URL: rutasUrl ?? nowhere,
      CARGA_URL: cargaUrl ?? nowhere,
      PERSONAL_URL: personalUrl ?? nowhere,
      BACKGROUND: urls.every((url) => url === undefined) ? 'off' : 'on',
      ...env,
    },
    ...(issuer ? { issuer } : {}),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  })
  const post = (path: string, body?: unknown, by: { as?: Identity; headers?: Headers } = {}) =>
    service.request('POST', path, { ...by, ...(body === undefined ? {} : { body }) })
  return {
    ...service,
    post,
    /** Registers a ship, and fails the test when that is refused. */
    registerVessel: async (given: object = {}) => {
      const answer = await post('/v1/vessels', {
        name: 'Algeciras Star',
        ...nextIdentity(),
        ...given,
      })
      if (answer.status !== 201) throw new Error(answer.text)
      return answer.body
    },
    /** Announces a call of `vesselId`, and fails the test when that is refused. */
    announce: async (vesselId: string, given: object = {}) => {
      const answer = await post('/v1/port-calls', {
        vesselId,
        agentOrganization: 'acme',
        UNLocationCode: 'ESALG',
        purposes: ['DISCHARGING', 'LOADING'],
        ...given,
      })
      if (answer.status !== 201) throw new Error(answer.text)
      return answer.body
    },
    /** Makes an open berth, and gives its id. */
    berth: async () => {
      const { id } = await insertBerth(service.opened.database.client)
      return id
    },
    /** Reserves metres of a berth for a call, and gives the reservation's id. */
    reserve: async (portCallId: string, berthId: string, given: object = {}) => {
      const { id } = await insertReservation(service.opened.database.client, {
        berthId,
        portCallId,
        startsAt: '2026-11-01T00:00:00Z',
        endsAt: '2030-01-01T00:00:00Z',
        ...given,
      })
      return id
    },
    /** All events of barcos so far, in order. */
    events: async () => {
      const admin: Identity = { roles: ['admin'] }
      const { body } = await service.request('GET', '/v1/feed?limit=1000', { as: admin })
      return body.events as { type: string; subject: string; data: Record<string, unknown> }[]
    },
  }
}

export type TestBarcos = Awaited<ReturnType<typeof startBarcos>>
