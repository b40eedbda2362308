import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest'
import type { Identity } from '../../src/testing/token-issuer.ts'
import { startReceiver, verify } from './receiver.ts'
import {
  ended,
  get,
  healthOf,
  type Notes,
  post,
  publish,
  register,
  start,
  write,
} from './webhook-service.ts'

let service: Notes
const url = 'http://127.0.0.1:9000/hook'
const admin: Identity = { roles: ['admin'] }
const nobody = '00000000-0000-7000-8000-000000000000'

beforeAll(async () => {
  service = await start({ env: { BACKGROUND: 'off' } })
})
afterAll(() => service[Symbol.asyncDispose]())

const put = (id: string, body: object, ifMatch: string | null = '*') =>
  service.request('PUT', `/v1/webhooks/${id}`, {
    as: admin,
    body,
    headers: ifMatch === null ? {} : { 'if-match': ifMatch },
  })
const remove = (id: string, ifMatch: string | null = '*') =>
  service.request('DELETE', `/v1/webhooks/${id}`, {
    as: admin,
    headers: ifMatch === null ? {} : { 'if-match': ifMatch },
  })
const refused = async (body: object, status = 422) => {
  const answer = await service.request('POST', '/v1/webhooks', { as: admin, body })
  expect(answer.status).toBe(status)
  return answer.body.errors
}

describe('a registration', () => {
  it('gives a webhook with its secret, and never the secret again', async () => {
    const made = await service.request('POST', '/v1/webhooks', {
      as: admin,
      body: { url, description: 'Customs', eventTypes: ['notes.note.written'] },
    })
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: `/v1/webhooks/${made.body.id}` },
      body: {
        url,
        description: 'Customs',
        eventTypes: ['notes.note.written'],
        organization: null,
        state: 'ENABLED',
        disabledReason: null,
        previousSecretEnds: null,
        version: 1,
      },
    })
    const { secret, ...webhook } = made.body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const read = await get(service, webhook.id)
    expect(read).toMatchObject({ status: 200, headers: { etag: '"1"' }, body: webhook })
    expect(read.text).not.toContain('secret"')
    expect((await get(service, '')).text).not.toContain('whsec')
    expect(JSON.stringify(service.logs())).not.toContain('whsec')
    const stored = JSON.stringify(await service.opened.database.sql('SELECT * FROM kit.webhook'))
    expect(stored).not.toContain('whsec')
    expect(stored).not.toContain(secret.slice('whsec_'.length))
  })

  it('repeated with its key gives the same webhook and secret, which is not kept in the open', async () => {
    const ask = () =>
      service.request('POST', '/v1/webhooks', {
        as: admin,
        body: { url },
        headers: { 'idempotency-key': 'once' },
      })
    const [first, second] = [await ask(), await ask()]
    expect(second).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(second.body).toEqual(first.body)
    const kept = await service.opened.database.sql('SELECT body FROM kit.idempotent_answer')
    expect(kept).toHaveLength(1)
    expect(JSON.stringify(kept)).not.toContain('whsec')
  })

  it.each([
    [{}, '#/url', 'is missing'],
    [{ url, eventTypes: [] }, '#/eventTypes', null],
    [{ url, eventTypes: ['notes.note.eaten'] }, '#/eventTypes/0', null],
    [{ url, eventTypes: ['notes.note.written', 'notes.note.written'] }, '#/eventTypes', null],
    [{ url, state: 'DISABLED' }, '#/state', null],
    [{ url, secret: 'whsec_mine' }, '#/secret', 'is not known here'],
    [{ url, organization: 'ACME!' }, '#/organization', null],
    [{ url, description: 'two\nlines' }, '#/description', null],
    [{ url: `https://example.com/${'a'.repeat(2_000)}` }, '#/url', null],
  ])('of %j is refused', async (body, pointer, detail) => {
    const errors = await refused(body, 400)
    expect(errors).toContainEqual(
      expect.objectContaining({ pointer, ...(detail === null ? {} : { detail }) }),
    )
  })

  it.each([
    ['https://10.0.0.1/', 'names a host at an address that may not be called'],
    ['https://169.254.169.254/', 'names a host at an address that may not be called'],
    ['http://3232235777/', 'names a host at an address that may not be called'],
    ['https://[::1]/', 'names a host at an address that may not be called'],
    ['https://[::ffff:127.0.0.1]/', 'names a host at an address that may not be called'],
    ['http://8.8.8.8/', 'must begin with https://'],
    ['https://nowhere.invalid/', 'names a host that cannot be resolved'],
    ['https://me:secret@example.com/', 'must not hold credentials'],
    ['ftp://127.0.0.1/', 'must begin with https://'],
    ['https://127.0.0.1:22/', 'must name port 443, 80 or one from 1024'],
    ['not a url', 'is not an absolute URL'],
  ])('for %s is refused', async (wrong, detail) => {
    expect(await refused({ url: wrong })).toEqual([{ pointer: '#/url', detail }])
  })

  it('is refused in Spanish to who reads that', async () => {
    const answer = await service.request('POST', '/v1/webhooks', {
      as: admin,
      body: { url: 'https://10.0.0.1/' },
      headers: { 'accept-language': 'es' },
    })
    expect(answer.body).toMatchObject({
      code: 'WEBHOOK_INVALID',
      title: 'El webhook incumple una regla',
    })
  })
})

describe('a webhook', () => {
  it('is changed at the version that is named', async () => {
    const { id } = await register(service, { url })
    const body = { url: `${url}/2`, state: 'PAUSED', description: 'elsewhere' }
    expect(await put(id, body, null)).toMatchObject({ status: 428 })
    expect(await put(id, body, '"7"')).toMatchObject({ status: 412 })
    expect(await put(id, body, '"1"')).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { ...body, eventTypes: null, version: 2 },
    })
    expect(await put(id, body, '"1"')).toMatchObject({ status: 412 })
    expect(await put(id, { url })).toMatchObject({ status: 400 })
    expect(await put(id, { ...body, url: 'https://10.0.0.1/' })).toMatchObject({ status: 422 })
    const known = await service.request('GET', `/v1/webhooks/${id}`, {
      as: admin,
      headers: { 'if-none-match': '"2"' },
    })
    expect(known.status).toBe(304)
  })

  it('is deleted once', async () => {
    const { id } = await register(service, { url })
    expect(await remove(id, null)).toMatchObject({ status: 428 })
    expect(await remove(id, '"3"')).toMatchObject({ status: 412 })
    expect(await remove(id, '"1"')).toMatchObject({ status: 204, text: '' })
    expect(await remove(id)).toMatchObject({ status: 404 })
    expect(await get(service, id)).toMatchObject({ status: 404 })
  })

  it('that is not there is said not to be, everywhere', async () => {
    expect(await put(nobody, { url, state: 'ENABLED' })).toMatchObject({ status: 404 })
    for (const path of ['', '/health', '/deliveries', `/deliveries/${nobody}`]) {
      expect(await get(service, `${nobody}${path}`)).toMatchObject({ status: 404 })
    }
    for (const [path, body] of [
      ['rotate-secret', {}],
      ['test', undefined],
      ['replay', { since: '2026-01-01T00:00:00Z' }],
      [`deliveries/${nobody}/replay`, undefined],
    ] as const) {
      expect(await post(service, `${nobody}/${path}`, body)).toMatchObject({ status: 404 })
    }
    const { id } = await register(service, { url })
    expect(await post(service, `${id}/deliveries/${nobody}/replay`)).toMatchObject({ status: 404 })
    expect(await get(service, `${id}/deliveries/${nobody}`)).toMatchObject({ status: 404 })
  })

  it('is listed in pages, and by state', async () => {
    await using own = await start({ env: { BACKGROUND: 'off' } })
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      const state = n === 4 ? 'PAUSED' : 'ENABLED'
      ids.push((await register(own, { url, state })).id)
    }
    const seen: string[] = []
    let next = '?limit=2'
    for (let pages = 0; pages < 3; pages++) {
      const { body } = await own.request('GET', `/v1/webhooks${next}`, { as: admin })
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      next = `?limit=2&cursor=${encodeURIComponent(String(body.next))}`
      if (pages === 2) expect(body.next).toBeNull()
    }
    expect(seen).toEqual(ids)
    const paused = await own.request('GET', '/v1/webhooks?state=PAUSED', { as: admin })
    expect(paused.body.items).toMatchObject([{ id: ids[4] }])
  })
})

describe('the log of deliveries', () => {
  it('is read in pages and by what happened, newest first', async () => {
    await using own = await start()
    await using receiver = await startReceiver()
    const { id } = await register(own, { url: receiver.url })
    for (let n = 0; n < 5; n++) await write(own, `${n}`)
    await publish(own, 'notes.note.shared', { with: 'acme' })
    const all = await ended(own, id, 6)
    const [oldest] = all
    assert(oldest)
    const page = async (query: string) => (await get(own, `${id}/deliveries?${query}`)).body
    const first = await page('limit=4')
    const second = await page(`limit=4&cursor=${encodeURIComponent(first.next)}`)
    expect(second.next).toBeNull()
    expect([...first.items, ...second.items]).toEqual(all.toReversed())
    expect((await page('eventType=notes.note.shared')).items).toHaveLength(1)
    expect(first.items[0]).not.toHaveProperty('ordinal')
    expect((await page(`eventId=${oldest.eventId}`)).items).toMatchObject([{ id: oldest.id }])
    expect((await page('status=FAILED')).items).toEqual([])
    expect((await page('since=2999-01-01T00:00:00Z')).items).toEqual([])
    expect((await page('until=2999-01-01T00:00:00Z')).items).toHaveLength(6)
    const stolen = await get(own, `${id}/deliveries?status=FAILED&cursor=${first.next}`)
    expect(stolen).toMatchObject({ status: 400, body: { code: 'CURSOR_INVALID' } })
    const { body: one } = await get(own, `${id}/deliveries/${oldest.id}`)
    expect(one.event).toMatchObject({ type: 'notes.note.written', source: '/notes' })
    expect(one.event).toEqual(receiver.received.find(({ id }) => id === oldest.eventId)?.event)
  })
})

describe('a rotation', () => {
  it('lets the secret before sign as well for a while', async () => {
    await using own = await start()
    await using receiver = await startReceiver()
    const { id, secret: old } = await register(own, { url: receiver.url })
    const rotated = await post(own, `${id}/rotate-secret`, { overlapSeconds: 600 })
    expect(rotated).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { version: 2 } })
    const { secret, previousSecretEnds } = rotated.body
    expect(secret).not.toBe(old)
    expect(Date.parse(previousSecretEnds) - Date.now()).toBeGreaterThan(500_000)
    await write(own, 'both')
    await ended(own, id, 1)
    const [message] = receiver.received
    assert(message)
    expect(String(message.headers['webhook-signature']).split(' ')).toHaveLength(2)
    verify(message, old)
    verify(message, secret)
  })

  it('is over at once for a secret that has become known', async () => {
    await using own = await start()
    await using receiver = await startReceiver()
    const { id, secret: old } = await register(own, { url: receiver.url })
    const { body } = await post(own, `${id}/rotate-secret`, { overlapSeconds: 0 })
    expect(body.previousSecretEnds).toBeNull()
    await write(own, 'new only')
    await ended(own, id, 1)
    const [message] = receiver.received
    assert(message)
    expect(() => verify(message, old)).toThrow()
    verify(message, body.secret)
  })

  it('of the key that secrets are sealed with leaves them as they are', async () => {
    const key = 'the first key of these tests of webhooks'
    const newer = 'the newer key of these tests of webhooks'
    await using first = await start({ env: { WEBHOOK_KEY: key, BACKGROUND: 'off' } })
    await using receiver = await startReceiver()
    const { id, secret } = await register(first, { url: receiver.url })
    const stored = async () =>
      (await first.opened.database.sql<{ secret: string }>('SELECT secret FROM kit.webhook'))[0]
    const sealed = await stored()
    const { databaseUrl, issuer } = first
    const second = await start({
      env: { WEBHOOK_KEY: `${newer},${key}` },
      databaseUrl,
      issuer,
    })
    await expect.poll(stored).not.toEqual(sealed)
    await second.close()
    const third = await start({ env: { WEBHOOK_KEY: newer }, databaseUrl, issuer })
    await write(third, 'sealed anew')
    await ended(third, id, 1)
    const [message] = receiver.received
    assert(message)
    verify(message, secret)
    await third.close()
  })

  it('is needed of no service without a key: it does not start', async () => {
    await expect(start({ env: { WEBHOOK_KEY: '' } })).rejects.toThrow('WEBHOOK_KEY is missing')
    await expect(start({ env: { WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/99' } })).rejects.toThrow(
      'WEBHOOK_ALLOWED_NETWORKS',
    )
  })
})

describe('who may', () => {
  const list = (as: Identity | null) => service.request('GET', '/v1/webhooks', { as })
  const machine = (...scopes: string[]): Identity => ({ kind: 'machine', scopes })
  const acme: Identity = { ...machine('notes/webhooks'), org: 'acme' }
  const globex: Identity = { ...machine('notes/webhooks'), org: 'globex' }

  it.each([
    ['nobody', null, 401],
    ['an admin', admin, 200],
    ['a harbour master', { roles: ['harbour-master'] }, 403],
    ['an agent', { roles: ['agent'], org: 'acme' }, 403],
    ['a machine that reads the feed', machine('notes/feed.read'), 403],
    ['a machine for webhooks that may not read the feed', machine('notes/webhooks'), 403],
    ['a machine for both', machine('notes/webhooks', 'notes/feed.read'), 200],
    ['a machine of an organisation', acme, 200],
  ] as const)('%s: %j', async (_who, as, status) => {
    expect((await list(as)).status).toBe(status)
  })

  it('sees and touches the webhooks of its own organisation only', async () => {
    const everybodys = await register(service, { url })
    const own = await register(service, { url }, acme)
    expect(own).toMatchObject({ organization: 'acme' })
    for (const as of [acme, admin]) {
      expect((await get(service, own.id, as)).status).toBe(200)
    }
    expect((await list(acme)).body.items).toMatchObject([{ id: own.id }])
    expect((await list(globex)).body.items).toEqual([])
    for (const [id, as] of [
      [own.id, globex],
      [everybodys.id, acme],
    ] as const) {
      const headers = { 'if-match': '*' }
      const body = { url, state: 'PAUSED' }
      const path = `/v1/webhooks/${id}`
      for (const answer of [
        await service.request('GET', path, { as }),
        await service.request('PUT', path, { as, headers, body }),
        await service.request('DELETE', path, { as, headers }),
        await service.request('GET', `${path}/health`, { as }),
        await service.request('GET', `${path}/deliveries`, { as }),
        await service.request('POST', `${path}/rotate-secret`, { as, body: {} }),
        await service.request('POST', `${path}/test`, { as }),
        await service.request('POST', `${path}/replay`, {
          as,
          body: { since: '2026-01-01T00:00:00Z' },
        }),
      ]) {
        expect(answer.status).toBe(404)
      }
    }
    expect(await healthOf(service, own.id)).toMatchObject({ state: 'ENABLED' })
  })

  it('registers for its own organisation only, and an admin for any', async () => {
    const ask = (as: Identity, organization: string | null) =>
      service.request('POST', '/v1/webhooks', { as, body: { url, organization } })
    expect((await ask(acme, 'acme')).status).toBe(201)
    expect((await ask(acme, 'globex')).status).toBe(403)
    expect((await ask(acme, null)).status).toBe(403)
    expect(await ask(admin, 'globex')).toMatchObject({
      status: 201,
      body: { organization: 'globex' },
    })
  })
})
