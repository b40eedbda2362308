import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAisDecoder } from '@porttrack/ais/ais-decoder'
import { rejectionKinds } from '@porttrack/ais/rejection'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../../services/rutas/src/service.ts'

/** Real logs, replayed into the service; `REFERENCE_DIR` is the folder that holds `data/ais`. */
const directory = process.env['REFERENCE_DIR']
if (!directory) throw new Error('REFERENCE_DIR names no folder with data/ais/*.nmea')
const logs = join(directory, 'data/ais')
const names = readdirSync(logs).filter((name) => name.endsWith('.nmea'))

let service: TestService<object>
const machine = { kind: 'machine', scopes: ['rutas/ais.write'] } as const

beforeAll(async () => {
  service = await startTestService(rutas)
})
afterAll(() => service?.[Symbol.asyncDispose]())

/** What the codec alone makes of a log. */
const decoded = (bytes: Buffer) => {
  const decoder = createAisDecoder({ timeoutMs: 30_000 })
  const results = [...decoder.push(bytes, 0), ...decoder.end(0)]
  const messages = results.filter((result) => result.ok)
  const refused = results.filter((result) => !result.ok)
  const of = (reason: string) => refused.filter((each) => each.reason === reason).length
  return {
    messages,
    unsupported: of('unsupported-type'),
    ignored: refused.filter(({ reason }) => rejectionKinds[reason].ignored).length,
    refused: refused.filter(({ reason }) => !rejectionKinds[reason].ignored).length,
  }
}

/** The lines as JSON, each with a time of its own: 30 s apart, so that none repeats another. */
const timed = (bytes: Buffer, start: number): string =>
  bytes
    .toString('latin1')
    .split(/\r?\n/)
    .map((sentence, n) =>
      JSON.stringify({ sentence, time: new Date(start + n * 30_000).toISOString() }),
    )
    .join('\n')

it('has logs to replay', () => expect(names.length).toBeGreaterThan(0))

describe.each(names)('%s', (name) => {
  const bytes = readFileSync(join(logs, name))
  const expected = decoded(bytes)
  const type = { 'content-type': 'text/plain' }

  it('is taken in as the codec reads it', async () => {
    const answer = await service.request('POST', '/v1/ais', {
      as: { ...machine, subject: name },
      headers: type,
      body: bytes,
    })
    expect(answer.status).toBe(200)
    const { body } = answer
    // Of what is not decoded, what has a type and a sender is kept as it is.
    expect(body.accepted).toBeGreaterThanOrEqual(expected.messages.length)
    expect(body.accepted).toBeLessThanOrEqual(expected.messages.length + expected.unsupported)
    expect(body.ignored).toBe(expected.ignored)
    const rejected = { ...body.rejectedByReason }
    expect(rejected['incomplete-message'] ?? 0).toBeLessThanOrEqual(expected.refused)
    expect(body.accepted + body.rejectedCount).toBeLessThanOrEqual(
      expected.messages.length + expected.refused,
    )
    for (const { message } of expected.messages) {
      const target = await service.request('GET', `/v1/targets/${message.mmsi}`)
      expect(target.status).toBe(200)
    }
  })

  it('stores nothing when it is sent again', async () => {
    const lines = timed(bytes, Date.UTC(2026, 0, 1))
    const send = () =>
      service.request('POST', '/v1/ais', {
        as: { ...machine, subject: `${name} again` },
        headers: { 'content-type': 'application/x-ndjson' },
        body: lines,
      })
    const first = await send()
    expect(first.status).toBe(200)
    expect(first.body.stored).toBeGreaterThan(0)
    const second = await send()
    expect(second).toMatchObject({ status: 200, body: { stored: 0 } })
    expect(second.body.duplicates).toBe(first.body.accepted)
  })
})

it('keeps every position that the logs tell', async () => {
  const heard = new Set(
    names
      .flatMap((name) => decoded(readFileSync(join(logs, name))).messages)
      .filter(
        ({ message }) =>
          [1, 2, 3, 18, 19, 27].includes(message.type) &&
          'lat' in message &&
          message.lat !== null &&
          message.lon !== null,
      )
      .map(({ message }) => message.mmsi),
  )
  expect(heard.size).toBeGreaterThan(100)
  for (const mmsi of heard) {
    const { body } = await service.request('GET', `/v1/targets/${mmsi}/track?quarantined=true`)
    expect(body.items.length).toBeGreaterThan(0)
  }
})

it('logs no error', () => {
  expect(service.logs().filter((line) => line['log.level'] === 'error')).toEqual([])
})
