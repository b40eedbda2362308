import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert, describe, expect, it } from 'vitest'
import { startReceiver, verify } from './receiver.ts'
import {
  attemptsOf,
  change,
  deliveriesOf,
  ended,
  get,
  healthOf,
  post,
  publish,
  register,
  start,
  write,
} from './webhook-service.ts'

const answering =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end()

describe('a webhook', () => {
  it('gets each event committed after it was registered, once, signed and as a CloudEvent', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    await write(service, 'before')
    const { id, secret } = await register(service, { url: receiver.url })
    for (const text of ['one', 'two', 'three']) await write(service, text)
    const deliveries = await ended(service, id, 3)
    expect(deliveries.map(({ status }) => status)).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED'])
    expect(receiver.received).toHaveLength(3)
    const { body: feed } = await service.request('GET', '/v1/feed', { as: { roles: ['admin'] } })
    const published = new Map(feed.events.map((event: { id: string }) => [event.id, event]))
    for (const message of receiver.received) {
      expect(message.headers['content-type']).toBe('application/cloudevents+json')
      const { sequence, ...event } = verify(message, secret) as Record<string, unknown>
      expect(event).toEqual(published.get(message.id))
      expect(sequence).toMatch(/^\d{20}$/)
    }
    const inOrder = receiver.received.toSorted((a, b) =>
      a.event.sequence < b.event.sequence ? -1 : 1,
    )
    expect(inOrder.map(({ event }) => event.data.text)).toEqual(['one', 'two', 'three'])
    expect(await healthOf(service, id)).toMatchObject({
      state: 'ENABLED',
      consecutiveFailures: 0,
      failingSince: null,
      pending: 0,
      failed: 0,
    })
  })

  it('gets the types of event that it names', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    const types = ['notes.note.shared']
    const { id } = await register(service, { url: receiver.url, eventTypes: types })
    await write(service, 'not this')
    await publish(service, 'notes.note.shared', { with: 'acme' })
    await ended(service, id, 1)
    await change(service, id, { url: receiver.url, state: 'ENABLED', eventTypes: null })
    await write(service, 'this')
    await ended(service, id, 2)
    expect(receiver.received.map(({ event }) => event.type)).toEqual([
      'notes.note.shared',
      'notes.note.written',
    ])
  })

  it('of an organisation gets the events that are said to be of it', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    const carrier = { kind: 'machine', scopes: ['notes/webhooks'], org: 'acme' } as const
    const { id } = await register(service, { url: receiver.url }, carrier)
    await write(service, 'whose?')
    await publish(service, 'notes.note.shared', { with: 'globex' })
    await publish(service, 'notes.note.shared', { with: 'acme' })
    await publish(service, 'notes.note.shared', { with: null })
    await publish(service, 'notes.note.shared', {})
    await publish(service, 'notes.note.shared', { with: 'acme' })
    await ended(service, id, 2)
    await sleep(1_500)
    expect(receiver.received.map(({ event }) => event.data)).toEqual([
      { with: 'acme' },
      { with: 'acme' },
    ])
  })

  it('gets nothing that was not committed', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    const { id } = await register(service, { url: receiver.url })
    expect((await write(service, 'explode')).status).toBe(500)
    await write(service, 'kept')
    await ended(service, id, 1)
    expect(receiver.received.map(({ event }) => event.data.text)).toEqual(['kept'])
  })

  it('gets a test event on request, also while it is paused, and once', async () => {
    await using service = await start()
    await using receiver = await startReceiver(answering(500))
    const { id, secret } = await register(service, { url: receiver.url, state: 'PAUSED' })
    const asked = await post(service, `${id}/test`)
    expect(asked).toMatchObject({ status: 202, body: { test: true, status: 'PENDING' } })
    const [delivery] = await ended(service, id, 1)
    expect(delivery).toMatchObject({ status: 'FAILED', attemptCount: 1, lastResponseStatus: 500 })
    const [message] = receiver.received
    assert(message)
    expect(verify(message, secret)).toMatchObject({
      type: 'notes.webhook.test',
      source: '/notes',
      subject: id,
    })
    expect(receiver.received).toHaveLength(1)
    expect(await healthOf(service, id)).toMatchObject({ consecutiveFailures: 0, failed: 1 })
  })
})

describe('a receiver that does not take an event', () => {
  it('is tried again, ever later, with the same id and body and a signature of the time', async () => {
    await using service = await start({ env: { WEBHOOK_RETRY_SECONDS: '1,2' } })
    await using receiver = await startReceiver((response) =>
      response.writeHead(receiver.received.length < 3 ? 503 : 200).end('thanks'),
    )
    const { id, secret } = await register(service, { url: receiver.url })
    await write(service, 'stubborn')
    const [delivery] = await ended(service, id, 1)
    assert(delivery)
    expect(delivery).toMatchObject({
      status: 'DELIVERED',
      attemptCount: 3,
      lastOutcome: 'DELIVERED',
      lastResponseStatus: 200,
      nextAttemptAt: null,
    })
    const [first, second, third] = receiver.received
    assert(first && second && third)
    expect(new Set(receiver.received.map(({ id, body }) => id + body)).size).toBe(1)
    for (const message of receiver.received) verify(message, secret)
    expect(third.headers['webhook-timestamp']).not.toBe(first.headers['webhook-timestamp'])
    const [early, late] = [second.at - first.at, third.at - second.at]
    // A fifth less at least; more is this machine's.
    expect(early).toBeGreaterThan(790)
    expect(late).toBeGreaterThan(1_590)
    const attempts = await attemptsOf(service, id, delivery.id)
    expect(attempts).toMatchObject([
      { number: 1, outcome: 'REFUSED', responseStatus: 503 },
      { number: 2, outcome: 'REFUSED', responseStatus: 503 },
      { number: 3, outcome: 'DELIVERED', responseStatus: 200 },
    ])
  })

  it('is left alone for as long as it asks', async () => {
    await using service = await start()
    await using receiver = await startReceiver((response) =>
      receiver.received.length < 2
        ? response.writeHead(429, { 'retry-after': '2' }).end()
        : response.writeHead(204).end(),
    )
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'busy')
    await ended(service, id, 1)
    const [first, second] = receiver.received
    assert(first && second)
    expect(second.at - first.at).toBeGreaterThan(1_990)
  })

  it('is given up in the end, and gets the event when it is replayed by hand', async () => {
    await using service = await start()
    await using receiver = await startReceiver(answering(500))
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'one')
    await write(service, 'two')
    const failed = await ended(service, id, 2)
    expect(failed).toMatchObject([
      { status: 'FAILED', attemptCount: 4, lastOutcome: 'REFUSED' },
      { status: 'FAILED', attemptCount: 4, lastOutcome: 'REFUSED' },
    ])
    expect(await healthOf(service, id)).toMatchObject({ consecutiveFailures: 8, failed: 2 })

    receiver.answer(answering(204))
    const [one, two] = failed
    assert(one && two)
    const asked = await post(service, `${id}/deliveries/${one.id}/replay`)
    expect(asked).toMatchObject({ status: 202, body: { status: 'PENDING', id: one.id } })
    await ended(service, id, 2)
    expect(await attemptsOf(service, id, one.id)).toHaveLength(5)
    expect(await deliveriesOf(service, id, '&status=FAILED')).toMatchObject([{ id: two.id }])

    const later = await post(service, `${id}/replay`, { since: '2999-01-01T00:00:00Z' })
    expect(later).toMatchObject({ status: 202, body: { replayed: 0, more: false } })
    const all = await post(service, `${id}/replay`, { since: two.createdAt })
    expect(all).toMatchObject({ status: 202, body: { replayed: 1, more: false } })
    await ended(service, id, 2)
    expect(await deliveriesOf(service, id, '&status=DELIVERED')).toHaveLength(2)
    const ids = receiver.received.slice(8).map((message) => message.id)
    expect(ids).toEqual([one.eventId, two.eventId])
  })

  it('gets a delivered event again when that is replayed', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'again')
    const [delivery] = await ended(service, id, 1)
    assert(delivery)
    await post(service, `${id}/deliveries/${delivery.id}/replay`)
    await expect.poll(() => receiver.received.length).toBe(2)
    expect(new Set(receiver.received.map((message) => message.id)).size).toBe(1)
  })

  it('is not called any more after 410, and goes on where it stopped once it is enabled', async () => {
    await using service = await start()
    await using receiver = await startReceiver(answering(410))
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'gone')
    expect(await ended(service, id, 1)).toMatchObject([
      { status: 'FAILED', attemptCount: 1, lastOutcome: 'GONE' },
    ])
    const { body } = await get(service, id)
    expect(body).toMatchObject({ state: 'DISABLED', disabledReason: 'GONE', version: 2 })
    expect(body.disabledAt).not.toBeNull()
    await write(service, 'meanwhile')
    await sleep(1_500)
    expect(receiver.received).toHaveLength(1)
    expect(service.logs()).toContainEqual(
      expect.objectContaining({ message: 'webhook disabled', 'labels.webhook_id': id }),
    )

    receiver.answer(answering(204))
    const changed = await change(service, id, { url: receiver.url, state: 'ENABLED' })
    expect(changed).toMatchObject({ state: 'ENABLED', disabledReason: null, disabledAt: null })
    await ended(service, id, 2)
    expect(receiver.received[1]?.event.data.text).toBe('meanwhile')
    expect(await healthOf(service, id)).toMatchObject({ consecutiveFailures: 0 })
  })

  it('is not called any more when it has failed for too long', async () => {
    await using service = await start({ env: { WEBHOOK_DISABLE_HOURS: '0.0003' } })
    await using receiver = await startReceiver(answering(500))
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'one')
    await expect.poll(async () => (await get(service, id)).body.state).toBe('DISABLED')
    expect((await get(service, id)).body).toMatchObject({ disabledReason: 'FAILING' })
    const calls = receiver.received.length
    expect(calls).toBeGreaterThan(1)
    await sleep(1_500)
    expect(receiver.received).toHaveLength(calls)
    const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
    expect(metrics).toContain('webhooks_disabled_total{reason="FAILING"} 1')
    expect(metrics).toContain(`webhook_attempts_total{outcome="REFUSED"} ${calls}`)
  })

  it('does not redirect us elsewhere', async () => {
    await using service = await start()
    await using elsewhere = await startReceiver()
    await using receiver = await startReceiver(answering(307, { location: elsewhere.url }))
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'one')
    expect(await ended(service, id, 1)).toMatchObject([
      { status: 'FAILED', lastOutcome: 'REDIRECTED', lastResponseStatus: 307 },
    ])
    expect(elsewhere.received).toEqual([])
  })

  it('that never answers is cut off', async () => {
    await using service = await start({
      env: { WEBHOOK_TIMEOUT_SECONDS: '0.5', WEBHOOK_RETRY_SECONDS: '60' },
    })
    await using receiver = await startReceiver(() => undefined)
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'one')
    await expect
      .poll(async () => (await deliveriesOf(service, id))[0])
      .toMatchObject({ status: 'PENDING', attemptCount: 1, lastOutcome: 'TIMED_OUT' })
    const [delivery] = await deliveriesOf(service, id)
    assert(delivery?.nextAttemptAt)
    expect(Date.parse(delivery.nextAttemptAt) - Date.now()).toBeGreaterThan(40_000)
    const [attempt] = await attemptsOf(service, id, delivery.id)
    expect(attempt?.durationMs).toBeGreaterThan(490)
  })

  it('that answers without end is not listened to for long', async () => {
    await using service = await start()
    let sent = 0
    await using receiver = await startReceiver((response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(65_536)
      const more = () => {
        while (!response.destroyed) {
          sent += chunk.length
          if (!response.write(chunk)) return void response.once('drain', more)
        }
      }
      more()
    })
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'one')
    expect(await ended(service, id, 1)).toMatchObject([{ status: 'DELIVERED', attemptCount: 1 }])
    await sleep(300)
    const soFar = sent
    await sleep(300)
    expect(sent).toBe(soFar)
    expect(sent).toBeLessThan(20_000_000)
  })

  it('is said to be unreachable, or to speak no TLS', async () => {
    await using service = await start({ env: { WEBHOOK_RETRY_SECONDS: '60' } })
    await using receiver = await startReceiver()
    const closed = await startReceiver()
    await closed[Symbol.asyncDispose]()
    const [gone, plain] = [
      await register(service, { url: closed.url }),
      await register(service, { url: receiver.url.replace('http:', 'https:') }),
    ]
    await write(service, 'one')
    const outcome = async (id: string) => {
      const [delivery] = await deliveriesOf(service, id)
      return delivery && (await attemptsOf(service, id, delivery.id))[0]
    }
    await expect
      .poll(() => outcome(gone.id))
      .toMatchObject({ outcome: 'CONNECTION_FAILED', detail: 'ECONNREFUSED', responseStatus: null })
    await expect.poll(() => outcome(plain.id)).toMatchObject({ outcome: 'TLS_FAILED' })
  })
})

describe('webhooks side by side', () => {
  it('do not wait for one that is slow, of which few are called at a time', async () => {
    await using service = await start({ env: { WEBHOOK_TIMEOUT_SECONDS: '20' } })
    const held: ServerResponse[] = []
    await using slow = await startReceiver((response) => void held.push(response))
    await using quick = await startReceiver()
    const [{ id: slowId }, { id }] = [
      await register(service, { url: slow.url }),
      await register(service, { url: quick.url }),
    ]
    for (let n = 0; n < 20; n++) await write(service, `${n}`)
    await ended(service, id, 20)
    expect(slow.received).toHaveLength(4)
    slow.answer(answering(204))
    for (const response of held) answering(204)(response)
    await ended(service, slowId, 20)
  })

  it('are called with one delivery at a time while they fail', async () => {
    await using service = await start({
      env: { WEBHOOK_TIMEOUT_SECONDS: '20', WEBHOOK_RETRY_SECONDS: '0.1,0.1,0.1' },
    })
    await using receiver = await startReceiver(answering(500))
    const { id } = await register(service, { url: receiver.url })
    for (let n = 0; n < 3; n++) await write(service, `${n}`)
    await ended(service, id, 3)
    const before = receiver.received.length
    receiver.answer(() => undefined)
    for (let n = 0; n < 8; n++) await write(service, `${n}`)
    await sleep(2_000)
    expect(receiver.received).toHaveLength(before + 1)
  })

  it('that are paused get nothing, and lose nothing', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'one')
    await ended(service, id, 1)
    await change(service, id, { url: receiver.url, state: 'PAUSED' })
    await write(service, 'two')
    await sleep(1_500)
    expect(receiver.received).toHaveLength(1)
    await change(service, id, { url: receiver.url, state: 'ENABLED' })
    await ended(service, id, 2)
    expect(receiver.received[1]?.event.data.text).toBe('two')
  })

  it('that are deleted get nothing more', async () => {
    await using service = await start()
    await using receiver = await startReceiver(answering(500))
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'one')
    await expect.poll(() => receiver.received.length).toBeGreaterThan(0)
    const deleted = await service.request('DELETE', `/v1/webhooks/${id}`, {
      as: { roles: ['admin'] },
      headers: { 'if-match': '*' },
    })
    expect(deleted.status).toBe(204)
    await sleep(300)
    const calls = receiver.received.length
    await write(service, 'two')
    await sleep(1_500)
    expect(receiver.received).toHaveLength(calls)
    expect((await get(service, `${id}/deliveries`)).status).toBe(404)
    const [{ left }] = (await service.opened.database.sql(
      'SELECT count(*)::int AS left FROM kit.webhook_delivery',
    )) as [{ left: number }]
    expect(left).toBe(0)
  })
})
