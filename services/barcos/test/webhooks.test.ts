import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startTestService } from '@porttrack/shared/testing/start-service'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { barcos } from '../src/service.ts'
import { nextIdentity } from './start-barcos.ts'

const admin: Identity = { roles: ['admin'] }
const machine = (org: string): Identity => ({ kind: 'machine', scopes: ['barcos/webhooks'], org })
const carrier = machine('acme')

type Announced = {
  type: string
  data: { agentOrganization: string; providerOrganization?: string }
}

const received: { webhook: string | undefined; event: Announced }[] = []
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    received.push({ webhook: request.url, event: JSON.parse(body) })
    response.writeHead(204).end()
  })
})

const start = () =>
  startTestService(barcos, {
    env: {
      RUTAS_URL: 'http://127.0.0.1:9',
      CARGA_URL: 'http://127.0.0.1:9',
      PERSONAL_URL: 'http://127.0.0.1:9',
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1',
    },
  })
let service: Awaited<ReturnType<typeof start>>

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve)
  })
  service = await start()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  receiver.closeAllConnections()
  receiver.close()
})

const register = async (path: string, as: Identity, eventTypes: string[] | null = null) => {
  const { port } = receiver.address() as AddressInfo
  const answer = await service.request('POST', '/v1/webhooks', {
    as,
    body: { url: `http://127.0.0.1:${port}/${path}`, eventTypes },
    headers: { 'idempotency-key': path },
  })
  expect(answer).toMatchObject({ status: 201 })
  return answer.body
}

it('tells an admin of every port call, and a carrier of its own', async () => {
  const all = await register('all', admin, ['barcos.port-call.announced'])
  const own = await register('acme', carrier, ['barcos.port-call.announced'])
  const { body: vessel } = await service.request('POST', '/v1/vessels', {
    body: { name: 'Algeciras Star', ...nextIdentity() },
  })
  for (const agentOrganization of ['globex', 'acme']) {
    const { body: call, status } = await service.request('POST', '/v1/port-calls', {
      body: {
        vesselId: vessel.id,
        agentOrganization,
        UNLocationCode: 'ESALG',
        purposes: ['LOADING'],
      },
    })
    expect(status).toBe(201)
    expect(
      await service.request('POST', `/v1/port-calls/${call.id}/approve`, { body: {} }),
    ).toMatchObject({ status: 200 })
  }
  const told = (path: string): string[] =>
    received
      .filter(({ webhook }) => webhook === `/${path}`)
      .map(({ event }) => `${event.type} of ${event.data.agentOrganization}`)
  await expect
    .poll(() => told('all').toSorted())
    .toEqual(['barcos.port-call.announced of acme', 'barcos.port-call.announced of globex'])
  await expect.poll(() => told('acme')).toEqual(['barcos.port-call.announced of acme'])

  const reader: Identity = { kind: 'machine', scopes: ['barcos/feed.read'], org: 'acme' }
  const feed = await service.request('GET', '/v1/feed', { as: reader })
  const owners = new Set(
    feed.body.events.map(({ data }: Announced) => data.agentOrganization) as string[],
  )
  expect(owners).toEqual(new Set(['acme']))
  // Two at a time: what is of others is passed over, and nothing of its own is missed.
  const seen: string[] = []
  let after = ''
  for (;;) {
    const page = await service.request('GET', `/v1/feed?limit=2${after}`, { as: reader })
    if (after === `&after=${page.body.next}`) break
    after = `&after=${page.body.next}`
    seen.push(...page.body.events.map(({ id }: { id: string }) => id))
  }
  expect(seen).toEqual(feed.body.events.map(({ id }: { id: string }) => id))

  const rotated = await service.request('POST', `/v1/webhooks/${all.id}/rotate-secret`, {
    as: admin,
    body: {},
    headers: { 'idempotency-key': 'rotate' },
  })
  expect(rotated.body.secret).toMatch(/^whsec_/)
  expect(rotated.body.secret).not.toBe(all.secret)
  const { body: log } = await service.request('GET', `/v1/webhooks/${own.id}/deliveries`, {
    as: carrier,
  })
  expect(log.items).toMatchObject([{ status: 'DELIVERED', attemptCount: 1 }])
  const [delivery] = log.items
  const replayed = await service.request(
    'POST',
    `/v1/webhooks/${own.id}/deliveries/${delivery.id}/replay`,
    { as: carrier },
  )
  expect(replayed).toMatchObject({ status: 202, body: { id: delivery.id } })
  await expect.poll(() => told('acme')).toHaveLength(2)
  const changed = await service.request('PUT', `/v1/webhooks/${own.id}`, {
    as: carrier,
    body: { url: own.url, state: 'PAUSED', eventTypes: ['barcos.port-call.announced'] },
    headers: { 'if-match': '"1"' },
  })
  expect(changed).toMatchObject({
    status: 200,
    body: { state: 'PAUSED', eventTypes: ['barcos.port-call.announced'], version: 2 },
  })
  const since = { since: '2026-01-01T00:00:00Z' }
  const replayedAll = await service.request('POST', `/v1/webhooks/${own.id}/replay`, {
    as: carrier,
    body: since,
  })
  expect(replayedAll).toMatchObject({ status: 202, body: { replayed: 0, more: false } })
  const removed = await service.request('DELETE', `/v1/webhooks/${own.id}`, {
    as: carrier,
    headers: { 'if-match': '"2"' },
  })
  expect(removed.status).toBe(204)
})

it('tells an agent of everything about its calls, and a provider of its orders', async () => {
  await register('all-of-agent', machine('agent-1'))
  await register('all-of-other', machine('agent-2'))
  await register('all-of-tugs', machine('tugs'))
  const { body: vessel } = await service.request('POST', '/v1/vessels', {
    body: { name: 'Ceuta Star', ...nextIdentity() },
  })
  const ask = async (path: string, body: object) => {
    const answer = await service.request('POST', path, { body })
    expect([path, answer.status]).toEqual([path, expect.toBeOneOf([200, 201])])
    return answer.body
  }
  const eta = new Date(Date.now() + 3_600_000).toISOString()
  for (const agentOrganization of ['agent-1', 'agent-2']) {
    const call = await ask('/v1/port-calls', {
      vesselId: vessel.id,
      agentOrganization,
      UNLocationCode: 'ESALG',
      purposes: ['BUNKERING'],
      eta,
    })
    if (agentOrganization === 'agent-2') continue
    await ask(`/v1/port-calls/${call.id}/approve`, {})
    await ask(`/v1/port-calls/${call.id}/service-orders`, {
      portCallServiceTypeCode: 'TOWAGE',
      portCallPhaseTypeCode: 'INBD',
      providerOrganization: 'tugs',
      requestedDateTime: eta,
    })
    await ask(`/v1/port-calls/${call.id}/arrive`, { occurredAt: new Date().toISOString() })
  }
  const told = (path: string): string[] =>
    received.filter(({ webhook }) => webhook === `/${path}`).map(({ event }) => event.type)
  await expect
    .poll(() => [...new Set(told('all-of-agent'))].toSorted())
    .toEqual([
      'barcos.port-call.announced',
      'barcos.port-call.state-changed',
      'barcos.service-order.requested',
      'barcos.timestamp.recorded',
    ])
  await expect.poll(() => told('all-of-tugs')).toEqual(['barcos.service-order.requested'])
  await expect.poll(() => told('all-of-other')).toEqual(['barcos.port-call.announced'])
})

it('has an owner for every event, or the event is of the port as a whole', () => {
  const ofThePort = Object.entries(barcos.events ?? {}).flatMap(([type, event]) =>
    'organizations' in event ? [] : [type],
  )
  expect(ofThePort).toEqual([
    'barcos.vessel.registered',
    'barcos.vessel.changed',
    'barcos.berth.changed',
    'barcos.berth.blocked',
    'barcos.berth.unblocked',
    'barcos.approach-place.blocked',
    'barcos.approach-place.unblocked',
    'barcos.approach-place.changed',
  ])
})
