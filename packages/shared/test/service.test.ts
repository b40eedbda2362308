import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { securityHeaders } from '../src/http/security-headers.ts'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { listener, notes } from './notes/notes.ts'

let service: TestService<object>
const issuer = new TokenIssuer(['gateway', 'notes', 'carga'])
const write = (text: unknown, headers: Record<string, string> = {}) =>
  service.request('POST', '/v1/notes', { body: { text }, headers })

/** What comes back for these bytes until the service ends the connection. */
const exchange = (url: string, bytes: string): Promise<string> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

beforeAll(async () => {
  service = await startTestService(notes, { issuer })
})
afterAll(() => service[Symbol.asyncDispose]())

describe('a service made with the kit', () => {
  it('writes and reads a resource with version and ETag', async () => {
    const made = await write('hello')
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    expect(made.headers.location).toBe(`/v1/notes/${made.body.id}`)
    const read = await service.request('GET', `/v1/notes/${made.body.id}`)
    expect(read).toMatchObject({ status: 200, body: { text: 'hello', version: 1 } })
    const unchanged = await service.request('GET', `/v1/notes/${made.body.id}`, {
      headers: { 'if-none-match': '"1"' },
    })
    expect(unchanged).toMatchObject({ status: 304, text: '' })
  })

  it('asks for If-Match and refuses a stale one', async () => {
    const { body } = await write('first')
    const change = (headers: Record<string, string>) =>
      service.request('PUT', `/v1/notes/${body.id}`, { body: { text: 'second' }, headers })
    expect(await change({})).toMatchObject({ status: 428, body: { code: 'PRECONDITION_REQUIRED' } })
    expect(await change({ 'if-match': '"1"' })).toMatchObject({ status: 200, body: { version: 2 } })
    expect(await change({ 'if-match': '"1"' })).toMatchObject({ status: 412 })
  })

  it('names every fault of a body at once, with its place', async () => {
    const answer = await service.request('POST', '/v1/notes', { body: { text: 7, mood: 'good' } })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body.errors).toEqual([
      { pointer: '#/mood', detail: 'is not known here' },
      { pointer: '#/text', detail: 'must be a text' },
    ])
  })

  it('tells faults in words of its own length, however long or many the faults of a body are', async () => {
    const name = 'n'.repeat(600)
    const long = await service.request('POST', '/v1/notes', { body: { text: 'a', [name]: 1 } })
    expect(long.body.errors).toEqual([
      { pointer: `#/${'n'.repeat(497)}…`, detail: 'is not known here' },
    ])
    const unknown = Array.from({ length: 1_005 }, (_, index) => [`p${index}`, 1])
    const many = await service.request('POST', '/v1/notes', {
      body: { text: 'a', ...Object.fromEntries(unknown) },
    })
    expect(many.status).toBe(400)
    expect(many.body.errors).toHaveLength(1_000)
    expect(many.body.errors.at(-1)).toEqual({
      pointer: '#',
      detail: '6 more faults were left out',
    })
  })

  it('names the choice when a value is none of several', async () => {
    const answer = await service.request('GET', '/v1/notes?mood=bored')
    expect(answer.body.errors).toEqual([{ pointer: '?mood', detail: 'must be one of good or bad' }])
  })

  it('says it in Spanish to who prefers that, and in which language it speaks', async () => {
    const headers = { 'accept-language': 'es-ES,es;q=0.9' }
    const answer = await service.request('POST', '/v1/notes', { body: { mood: 7 }, headers })
    expect(answer.headers).toMatchObject({ 'content-language': 'es', vary: 'accept-language' })
    expect(answer.body.title).toBe('La petición tiene errores')
    expect(answer.body.errors).toEqual([
      { pointer: '#/text', detail: 'falta' },
      { pointer: '#/mood', detail: 'no se conoce aquí' },
    ])
    const none = await service.request('GET', '/v1/notes?mood=bored', { headers })
    expect(none.body.errors).toEqual([
      { pointer: '?mood', detail: 'debe ser uno de estos: good o bad' },
    ])
    const unknown = await service.request('GET', '/v1/nothing', { headers })
    expect(unknown.body).toMatchObject({ code: 'NOT_FOUND', title: 'No existe' })
    const english = await write(7, { 'accept-language': 'fr' })
    expect(english.headers['content-language']).toBe('en')
    expect(english.body.errors).toEqual([{ pointer: '#/text', detail: 'must be a text' }])
  })

  it('takes no body for none, whatever its type is said to be', async () => {
    const headers = { 'content-type': 'application/json' }
    const without = await service.request('POST', '/v1/notes', { body: '', headers })
    expect(without).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '#', detail: 'must be an object' }] },
    })
  })

  it('refuses NUL characters, encoded bodies, other media types and broken JSON', async () => {
    const nul = await write('a\0b')
    expect(nul.body.errors).toEqual([
      { pointer: '#/text', detail: 'must not contain a NUL character' },
    ])
    const inside = await service.request('POST', '/v1/notes', { body: { 'a/b~c': '\0' } })
    expect(inside.body.errors).toMatchObject([{ pointer: '#/a~1b~0c' }])
    const half = '{"text":"a\\ud800"}'
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'half' }
    const broken = await service.request('POST', '/v1/notes', { body: half, headers })
    expect(broken).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/text' }] } })
    for (const path of ['/v1/notes?text=%00', '/v1/notes/%00']) {
      expect(await service.request('GET', path)).toMatchObject({ status: 400 })
    }
    const long = await service.request('GET', `/v1/notes/${'a'.repeat(300)}`)
    expect(long).toMatchObject({ status: 414, body: { code: 'URI_TOO_LONG' } })
    const urn = '/v1/notes/urn:uuid:00000000-0000-7000-8000-000000000000'
    expect(await service.request('GET', urn)).toMatchObject({ status: 400 })
    expect(await write('x', { 'content-encoding': 'gzip' })).toMatchObject({ status: 415 })
    const xml = { body: '<note/>', headers: { 'content-type': 'application/xml' } }
    expect(await service.request('POST', '/v1/notes', xml)).toMatchObject({ status: 415 })
    const cut = { body: '{"text":', headers: { 'content-type': 'application/json' } }
    expect(await service.request('POST', '/v1/notes', cut)).toMatchObject({ status: 400 })
  })

  it('answers unknown paths and methods as problems', async () => {
    expect(await service.request('GET', '/v1/nothing')).toMatchObject({ status: 404 })
    const wrong = await service.request('DELETE', '/v1/notes')
    expect(wrong).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } })
    expect(wrong.headers.allow?.toString().split(', ').toSorted()).toEqual(['GET', 'HEAD', 'POST'])
  })

  it('tells browsers of users who reach it themselves to be strict, whoever refuses', async () => {
    await using own = await startTestService(notes, {
      issuer: new TokenIssuer(['gateway', 'notes', 'carga']),
      env: {
        AUTH_MODE: 'cognito',
        COGNITO_USER_POOL_ID: 'eu-west-1_Example1',
        COGNITO_CLIENT_IDS: 'console',
      },
    })
    const requests = {
      'a route': 'GET /v1/notes HTTP/1.1\r\nhost: notes\r\nconnection: close\r\n\r\n',
      'the framework': 'GET /%zz HTTP/1.1\r\nhost: notes\r\nconnection: close\r\n\r\n',
      'the parser': 'nonsense\r\n\r\n',
      'a tunnel': 'CONNECT notes:1 HTTP/1.1\r\nhost: notes\r\n\r\n',
    }
    for (const [who, bytes] of Object.entries(requests)) {
      const answer = await exchange(own.url, bytes)
      for (const [name, value] of Object.entries(securityHeaders)) {
        expect([who, answer]).toEqual([who, expect.stringContaining(`${name}: ${value}\r\n`)])
      }
    }
    expect(await exchange(service.url, requests['the parser'])).not.toContain('x-frame-options')
  })

  it('hides what a failure was about', async () => {
    const answer = await write('explode')
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('vault')
    expect(service.logs().some((line) => JSON.stringify(line).includes('vault'))).toBe(true)
  })

  it('names no resource whose transaction failed in the end', async () => {
    await using own = await startTestService(notes, {
      issuer: new TokenIssuer(['gateway', 'notes']),
    })
    await own.opened.database.sql('ALTER TABLE kit.outbox RENAME TO away')
    const answer = await own.request('POST', '/v1/notes', { body: { text: 'lost' } })
    expect(answer.status).toBe(500)
    expect(answer.headers).not.toHaveProperty('location')
    expect(answer.headers).not.toHaveProperty('etag')
    expect((await own.request('GET', '/v1/notes')).body.items).toEqual([])
  })

  it('answers 503, not 500, when the database gave a statement up for others', async () => {
    await using own = await startTestService(notes, {
      issuer: new TokenIssuer(['gateway', 'notes']),
    })
    const { sql } = own.opened.database
    for (const code of ['40P01', '40001', '55P03', '57014']) {
      await sql(
        `CREATE OR REPLACE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'given up' USING ERRCODE = '${code}'; END $$`,
      )
      await sql(
        'CREATE OR REPLACE TRIGGER gives_up BEFORE INSERT ON note EXECUTE FUNCTION give_up()',
      )
      const answer = await own.request('POST', '/v1/notes', { body: { text: 'x' } })
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
    }
  })

  it('takes no transaction for done whose statement failed unnoticed', async () => {
    await using own = await startTestService(notes, {
      issuer: new TokenIssuer(['gateway', 'notes']),
    })
    const swallowed = own.opened.database.transaction(({ sql }) =>
      sql('SELECT 1 / 0').catch(() => 'all is well'),
    )
    await expect(swallowed).rejects.toThrow('rolled back')
  })

  it('pages by signed cursors that hold for one list and filter only', async () => {
    for (const text of ['a', 'b', 'c', 'd', 'e']) await write(text)
    const texts: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`
      const page = await service.request('GET', `/v1/notes?limit=2${cursor}`)
      texts.push(...page.body.items.map(({ text }: { text: string }) => text))
      next = page.body.next
      const link = next === null ? undefined : `<?limit=2&cursor=${next}>; rel="next"`
      expect(page.headers.link).toBe(link)
    }
    expect(texts.slice(-5)).toEqual(['a', 'b', 'c', 'd', 'e'])
    const { body } = await service.request('GET', '/v1/notes?limit=2')
    for (const query of [`cursor=${body.next}&text=a`, `cursor=x${body.next}`, 'cursor=a.b']) {
      const answer = await service.request('GET', `/v1/notes?${query}`)
      expect(answer).toMatchObject({ status: 400, body: { code: 'CURSOR_INVALID' } })
    }
  })

  it('gives a repeated request the answer of the first', async () => {
    const headers = { 'idempotency-key': 'key-1' }
    const first = await write('once', headers)
    const second = await write('once', headers)
    expect(second.body).toEqual(first.body)
    expect(second).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(second.headers.location).toBe(first.headers.location)
    expect(await write('other', headers)).toMatchObject({ status: 422 })
    expect((await service.request('GET', '/v1/notes?text=once')).body.items).toHaveLength(1)
  })

  it('keeps nothing of a refused request', async () => {
    const headers = { 'idempotency-key': 'key-2' }
    expect(await write('rude', headers)).toMatchObject({ status: 409 })
    const again = await write('rude', headers)
    expect(again.headers['idempotency-replayed']).toBeUndefined()
  })

  it('carries out parallel requests with one key once', async () => {
    const headers = { 'idempotency-key': 'key-3' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => write('parallel', headers)))
    expect(new Set(answers.map(({ status }) => status)).isSubsetOf(new Set([201, 409]))).toBe(true)
    const { body } = await service.request('GET', '/v1/notes?text=parallel')
    expect(body.items).toHaveLength(1)
  })

  it('shows health, metrics and its OpenAPI document', async () => {
    expect((await fetch(`${service.managementUrl}/health/live`)).status).toBe(200)
    expect((await fetch(`${service.managementUrl}/health/ready`)).status).toBe(200)
    const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
    expect(metrics).toMatch(/^notes_written_total \d+$/m)
    expect(metrics).toMatch(
      /http_server_request_duration_seconds_count\{.*http_route="\/v1\/notes"/,
    )
    const api = await service.request('GET', '/openapi.json', { as: null })
    expect(api.body.openapi).toBe('3.1.0')
    expect(Object.keys(api.body.paths)).toEqual([
      '/v1/notes/',
      '/v1/notes/{id}',
      '/v1/feed',
      '/v1/webhooks',
      '/v1/webhooks/{id}',
      '/v1/webhooks/{id}/rotate-secret',
      '/v1/webhooks/{id}/health',
      '/v1/webhooks/{id}/test',
      '/v1/webhooks/{id}/deliveries',
      '/v1/webhooks/{id}/deliveries/{deliveryId}',
      '/v1/webhooks/{id}/deliveries/{deliveryId}/replay',
      '/v1/webhooks/{id}/replay',
    ])
    expect(Object.keys(api.body.paths['/v1/notes/{id}'].put.responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '404', '412', '428', '500', '503']),
    )
  })
})

describe('who may do what', () => {
  const get = (as: Parameters<typeof service.request>[2]) => service.request('GET', '/v1/notes', as)

  it('follows the access table', async () => {
    expect(await get({ as: null })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
    })
    expect(await get({ as: { roles: ['agent'] } })).toMatchObject({ status: 403 })
    expect(await get({ as: { roles: ['viewer'] } })).toMatchObject({ status: 200 })
    expect(await get({ as: { kind: 'machine', scopes: ['notes/read'] } })).toMatchObject({
      status: 200,
    })
    expect(await get({ as: { kind: 'machine', scopes: ['notes/write'] } })).toMatchObject({
      status: 403,
    })
  })

  it('refuses tokens that are not the gateway’s for this service', async () => {
    const now = Math.floor(Date.now() / 1_000)
    const claims = {
      iss: 'gateway',
      aud: 'notes',
      sub: 'x',
      roles: ['viewer'],
      iat: now,
      exp: now + 60,
    }
    const tokens = {
      valid: issuer.sign('gateway', claims),
      forAnother: issuer.sign('gateway', { ...claims, aud: 'carga' }),
      expired: issuer.sign('gateway', { ...claims, exp: now - 1 }),
      withoutEnd: issuer.sign('gateway', { ...claims, exp: undefined }),
      bySomeoneElse: issuer.sign('carga', claims),
      serviceAsUser: issuer.sign('carga', { ...claims, iss: 'carga' }),
      unknownKey: issuer.sign('gateway', claims, { kid: 'nobody' }),
      otherAlgorithm: issuer.sign('gateway', claims, { alg: 'none' }),
      garbage: 'garbage',
      fromTheFuture: issuer.sign('gateway', { ...claims, iat: now + 60, exp: now + 120 }),
      padded: `${issuer.sign('gateway', claims)}=`,
    }
    const statuses: Record<string, number> = {}
    for (const [name, token] of Object.entries(tokens)) {
      const answer = await service.request('GET', '/v1/notes', {
        as: null,
        headers: { authorization: `Bearer ${token}` },
      })
      statuses[name] = answer.status
    }
    const { valid, ...others } = statuses
    expect(valid).toBe(200)
    expect(new Set(Object.values(others))).toEqual(new Set([401]))
  })

  it('lets only named services read the feed', async () => {
    const feed = (token: string) =>
      service.request('GET', '/v1/feed', {
        as: null,
        headers: { authorization: `Bearer ${token}` },
      })
    expect(await feed(issuer.serviceToken('carga', 'notes'))).toMatchObject({ status: 200 })
    expect(await feed(issuer.serviceToken('notes', 'notes'))).toMatchObject({ status: 403 })
    expect(await service.request('GET', '/v1/feed')).toMatchObject({ status: 403 })
  })
})

describe('the event feed', () => {
  it('tells of changes in commit order and of nothing that was rolled back', async () => {
    await write('event 1')
    await write('rude')
    await write('event 2')
    const { body } = await service.request('GET', '/v1/feed?limit=1000', {
      as: { roles: ['admin'] },
    })
    const texts = body.events.map(({ data }: { data: { text: string } }) => data.text)
    expect(texts.slice(-2)).toEqual(['event 1', 'event 2'])
    expect(body.events.at(-1)).toMatchObject({ source: '/notes', type: 'notes.note.written' })
  })

  it('holds a request until there is an event', async () => {
    const as = { roles: ['admin'] as const }
    const { body } = await service.request('GET', '/v1/feed?limit=1000', { as })
    const waiting = service.request('GET', `/v1/feed?after=${body.next}&wait=10`, { as })
    await write('late')
    expect((await waiting).body.events).toMatchObject([{ data: { text: 'late' } }])
  })

  it('refuses cursors of another epoch and no cursors at all', async () => {
    const as = { roles: ['admin'] as const }
    const get = (after: string) => service.request('GET', `/v1/feed?after=${after}`, { as })
    expect(await get('00000000-0000-0000-0000-000000000000:1')).toMatchObject({ status: 410 })
    expect(await get('nonsense')).toMatchObject({ status: 400 })
  })

  it('reaches a consumer exactly once, in order, across a restart', async () => {
    const options = { issuer, env: { NOTES_URL: service.url } }
    const first = await startTestService(listener, options)
    const heard = async (database: { sql: typeof first.opened.database.sql }) =>
      (await database.sql<{ text: string }>('SELECT text FROM echo ORDER BY n')).map(
        ({ text }) => text,
      )
    await write('heard 1')
    await expect.poll(() => heard(first.opened.database)).toContain('heard 1')
    await first.close()
    await write('heard 2')
    const second = await startTestService(listener, { ...options, databaseUrl: first.databaseUrl })
    await expect.poll(() => heard(second.opened.database)).toContain('heard 2')
    const texts = await heard(second.opened.database)
    expect(texts.filter((text) => text === 'heard 1')).toHaveLength(1)
    expect(texts.indexOf('heard 1')).toBe(texts.indexOf('heard 2') - 1)
    await second.close()
  })
})
