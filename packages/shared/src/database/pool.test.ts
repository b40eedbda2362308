import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { NoopSpanProcessor } from '@opentelemetry/sdk-trace'
import { expect, inject, it } from 'vitest'
import { createLogger } from '../logging/logger.ts'
import { Secret } from '../service/secret.ts'
import { registerTracing, tracer } from '../tracing/register.ts'
import { openPool } from './pool.ts'

/** What PostgreSQL sends to a connection that an administrator ends. */
const terminated = (() => {
  const fields = Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0')
  const head = Buffer.alloc(5, 'E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
})()

it('outlives a connection that ends together with the statement before', async () => {
  const server = new URL(inject('postgresUrl'))
  let ending = false
  // Gives the end of the connection in one piece with the answer, as a busy process reads them.
  const between = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname)
    client.pipe(upstream)
    upstream.on('data', (answer: Buffer) => {
      if (ending) client.end(Buffer.concat([answer, terminated]))
      else client.write(answer)
    })
    for (const each of [client, upstream]) each.on('error', () => undefined)
    client.on('close', () => upstream.destroy())
  }).listen(0, '127.0.0.1')
  await once(between, 'listening')
  const url = new URL(server)
  url.host = `127.0.0.1:${(between.address() as AddressInfo).port}`
  const log = createLogger({ service: 'tests', version: 'test', level: 'silent' })
  const pool = openPool({ url: new Secret(() => url.href), log, size: 1 })
  await pool.query('SELECT 1')

  ending = true
  const answered = pool.query('SELECT 2 AS n')
  const waiting = pool.connect()
  expect((await answered).rows).toEqual([{ n: 2 }])
  ending = false
  const client = await waiting
  await expect(client.query('SELECT 3')).rejects.toThrow()
  client.release()

  expect((await pool.query('SELECT 4 AS n')).rows).toEqual([{ n: 4 }])
  await pool.end()
  between.close()
})

it('gives answers that come together turns of their own', async () => {
  const stopTracing = registerTracing({
    service: 'tests',
    version: 'test',
    sampleRatio: 1,
    processors: [new NoopSpanProcessor()],
  })
  const log = createLogger({ service: 'tests', version: 'test', level: 'silent' })
  const pool = openPool({ url: new Secret(() => inject('postgresUrl')), log, size: 8 })
  let turn = 0
  let counting = setImmediate(function count() {
    turn += 1
    counting = setImmediate(count)
  })
  const turns: number[] = []
  const busy = (): void => {
    turns.push(turn)
    const until = performance.now() + 20
    while (performance.now() < until);
  }
  // What belongs to a request, as this span says.
  await tracer().startActiveSpan('request', async () => {
    const ask = 'SELECT pg_sleep(0.3)'
    const ofPool = Array.from({ length: 4 }, () => pool.query(ask).then(busy))
    const ofClient = Array.from({ length: 4 }, async () => {
      const client = await pool.connect()
      await client.query(ask)
      busy()
      client.release()
    })
    await Promise.all([...ofPool, ...ofClient])
  })
  clearImmediate(counting)
  expect(new Set(turns).size).toBe(8)
  await pool.end()
  await stopTracing()
})
