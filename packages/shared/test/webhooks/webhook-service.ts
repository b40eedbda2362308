import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Database } from '../../src/database/transaction.ts'
import type { Identity } from '../../src/testing/token-issuer.ts'
import { startTestService, type TestService } from '../../src/testing/start-service.ts'
import { TokenIssuer } from '../../src/testing/token-issuer.ts'
import { notes } from '../notes/notes.ts'

export type Notes = TestService<{ database: Database }>

const admin: Identity = { roles: ['admin'] }

type Options = { env?: Record<string, string>; databaseUrl?: string; issuer?: TokenIssuer }

/** The service of notes, whose webhooks may go to this machine and are retried soon. */
export const start = ({ env = {}, ...rest }: Options = {}): Promise<Notes> =>
  startTestService(notes, {
    issuer: new TokenIssuer(['gateway', 'notes', 'carga']),
    env: {
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      WEBHOOK_RETRY_SECONDS: '0.2,0.4,0.8',
      WEBHOOK_TIMEOUT_SECONDS: '2',
      ...env,
    },
    ...rest,
  })

export const register = async (
  service: Notes,
  body: object,
  as: Identity = admin,
): Promise<{ id: string; secret: string; version: number }> => {
  const answer = await service.request('POST', '/v1/webhooks', { as, body })
  expect(answer).toMatchObject({ status: 201 })
  return answer.body
}

/** Writes a note, as often as it takes: building a second service here makes the first shed load. */
export const write = async (service: Notes, text: string) => {
  for (;;) {
    const answer = await service.request('POST', '/v1/notes', { body: { text } })
    if (answer.status !== 503) return answer
    await sleep(200)
  }
}

/** Publishes an event as the service does, in a transaction of its own. */
export const publish = ({ opened }: Notes, type: string, data: object): Promise<void> =>
  opened.database.transaction(async (unit) => unit.publish({ type, subject: 'x', data }))

export const get = async (service: Notes, path: string, as: Identity = admin) =>
  service.request('GET', `/v1/webhooks/${path}`, { as })

export const post = async (service: Notes, path: string, body?: object) =>
  service.request('POST', `/v1/webhooks/${path}`, { as: admin, body })

/** The deliveries of a webhook, the oldest first. */
export const deliveriesOf = async (service: Notes, id: string, query = '') =>
  ((await get(service, `${id}/deliveries?limit=200${query}`)).body.items as Delivery[]).toReversed()

type Delivery = {
  id: string
  eventId: string
  eventType: string
  status: string
  attemptCount: number
  lastOutcome: string | null
  lastResponseStatus: number | null
  nextAttemptAt: string | null
  createdAt: string
}

/** Waits until so many deliveries of a webhook have ended and none is left, and gives them. */
export const ended = async (service: Notes, id: string, count: number): Promise<Delivery[]> => {
  const open = async () => {
    const all = await deliveriesOf(service, id)
    return { made: all.length, pending: all.filter(({ status }) => status === 'PENDING').length }
  }
  await expect.poll(open).toEqual({ made: count, pending: 0 })
  return deliveriesOf(service, id)
}

/** How the attempts of a delivery ended. */
export const attemptsOf = async (service: Notes, webhookId: string, id: string) =>
  (await get(service, `${webhookId}/deliveries/${id}`)).body.attempts as {
    number: number
    durationMs: number
    outcome: string
    responseStatus: number | null
    detail: string | null
  }[]

/** Changes a webhook, whatever its version. */
export const change = async (service: Notes, id: string, body: object) => {
  const answer = await service.request('PUT', `/v1/webhooks/${id}`, {
    as: admin,
    body,
    headers: { 'if-match': '*' },
  })
  expect(answer).toMatchObject({ status: 200 })
  return answer.body
}

/** A webhook's health. */
export const healthOf = async (service: Notes, id: string) =>
  (await get(service, `${id}/health`)).body
