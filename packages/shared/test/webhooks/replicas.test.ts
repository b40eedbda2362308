import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert, describe, expect, it } from 'vitest'
import { sweepKitTables } from '../../src/service/sweep.ts'
import { startReceiver } from './receiver.ts'
import {
  change,
  deliveriesOf,
  ended,
  type Notes,
  register,
  start,
  write,
} from './webhook-service.ts'

/** Runs the sweep once. */
const sweep = async ({ opened }: Notes): Promise<void> => {
  const over = new AbortController()
  await sweepKitTables((text, values) => {
    over.abort()
    return opened.database.sql(text, values)
  }).run(over.signal)
}

const attemptsMadeBy = async ({ managementUrl }: Notes): Promise<number> => {
  const metrics = await (await fetch(`${managementUrl}/metrics`)).text()
  return Number(/^webhook_attempts_total\{outcome="DELIVERED"\} (\d+)$/m.exec(metrics)?.[1] ?? 0)
}

const countOf = async ({ opened }: Notes, table: string): Promise<number> => {
  const [row] = await opened.database.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM kit.${table}`,
  )
  assert(row)
  return row.count
}

describe('two replicas', () => {
  it('share the work and send each event once', async () => {
    await using first = await start()
    const { databaseUrl, issuer } = first
    const second = await start({ databaseUrl, issuer })
    await using receiver = await startReceiver((response) => {
      setTimeout(() => response.writeHead(204).end(), 50)
    })
    const webhooks = [
      await register(first, { url: receiver.url }),
      await register(second, { url: receiver.url }),
    ]
    const written = await Promise.all(
      Array.from({ length: 60 }, (_, n) => write(n % 2 === 0 ? first : second, `${n}`)),
    )
    expect(written.filter(({ status }) => status !== 201)).toEqual([])
    for (const { id } of webhooks) await ended(first, id, 60)
    await sleep(1_000)
    expect(receiver.received).toHaveLength(120)
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(60)
    const byFirst = await attemptsMadeBy(first)
    const bySecond = await attemptsMadeBy(second)
    expect(byFirst + bySecond).toBe(120)
    expect(Math.min(byFirst, bySecond)).toBeGreaterThan(0)
    await second.close()
  })

  it('take over what a killed one had in hand', async () => {
    await using quiet = await start({ env: { BACKGROUND: 'off' } })
    const { databaseUrl, issuer } = quiet
    await using receiver = await startReceiver(() => undefined)
    const { id } = await register(quiet, { url: receiver.url })
    const env = { WEBHOOK_TIMEOUT_SECONDS: '3', WEBHOOK_RETRY_SECONDS: '60' }
    const killed = spawn(
      process.execPath,
      ['--conditions=source', new URL('notes-main.ts', import.meta.url).pathname],
      {
        env: {
          PORT: '0',
          MANAGEMENT_PORT: '0',
          CURSOR_KEY: 'a key that only tests use: 32 characters',
          WEBHOOK_KEY: 'a key that only tests use: 32 characters',
          WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
          INTERNAL_KEY_SET_FILE: issuer.keySetFile,
          SIGNING_KEY: issuer.signingKey('notes'),
          DATABASE_URL: databaseUrl,
          ...env,
        },
        stdio: 'ignore',
      },
    )
    await write(quiet, 'in hand')
    await expect.poll(() => receiver.received.length).toBe(1)
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    receiver.answer((response) => response.writeHead(204).end())
    const heir = await start({ databaseUrl, issuer, env })
    await sleep(2_000)
    expect(receiver.received).toHaveLength(1)
    expect(await ended(quiet, id, 1)).toMatchObject([{ status: 'DELIVERED', attemptCount: 1 }])
    expect(receiver.received).toHaveLength(2)
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1)
    await heir.close()
  })

  it('leave to the others what they have not ended when they stop', async () => {
    await using quiet = await start({ env: { BACKGROUND: 'off' } })
    const { databaseUrl, issuer } = quiet
    await using receiver = await startReceiver(() => undefined)
    const { id } = await register(quiet, { url: receiver.url })
    const stopped = await start({ databaseUrl, issuer, env: { WEBHOOK_TIMEOUT_SECONDS: '60' } })
    await write(quiet, 'in hand')
    await expect.poll(() => receiver.received.length).toBe(1)
    const begun = performance.now()
    await stopped.close()
    expect(performance.now() - begun).toBeLessThan(15_000)
    receiver.answer((response) => response.writeHead(204).end())
    const heir = await start({ databaseUrl, issuer })
    expect(await ended(quiet, id, 1)).toMatchObject([{ status: 'DELIVERED', attemptCount: 1 }])
    await heir.close()
  })

  it('without background work send nothing', async () => {
    await using quiet = await start({ env: { BACKGROUND: 'off' } })
    await using receiver = await startReceiver()
    const { id } = await register(quiet, { url: receiver.url })
    await write(quiet, 'later')
    await sleep(1_500)
    expect(await deliveriesOf(quiet, id)).toEqual([])
    const { databaseUrl, issuer } = quiet
    const working = await start({ databaseUrl, issuer })
    await ended(quiet, id, 1)
    expect(receiver.received).toHaveLength(1)
    await working.close()
  })
})

describe('retention', () => {
  const age = ({ opened }: Notes) =>
    opened.database.sql(`UPDATE kit.outbox SET published_at = now() - interval '31 days'`)

  it('of the feed waits for an enabled webhook', async () => {
    await using quiet = await start({ env: { BACKGROUND: 'off' } })
    await using receiver = await startReceiver()
    const { id } = await register(quiet, { url: receiver.url })
    await write(quiet, 'old')
    await age(quiet)
    await sweep(quiet)
    expect(await countOf(quiet, 'outbox')).toBe(1)
    const { databaseUrl, issuer } = quiet
    const working = await start({ databaseUrl, issuer })
    await ended(quiet, id, 1)
    await sweep(quiet)
    expect(await countOf(quiet, 'outbox')).toBe(0)
    await write(quiet, 'new')
    await ended(quiet, id, 2)
    await working.close()
  })

  it('of the feed does not wait for a paused one, which is told to have missed events', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    const { id } = await register(service, { url: receiver.url, state: 'PAUSED' })
    await write(service, 'missed')
    await age(service)
    await sweep(service)
    expect(await countOf(service, 'outbox')).toBe(0)
    await write(service, 'kept')
    await change(service, id, { url: receiver.url, state: 'ENABLED' })
    await ended(service, id, 1)
    expect(receiver.received.map(({ event }) => event.data.text)).toEqual(['kept'])
    expect(service.logs()).toContainEqual(
      expect.objectContaining({
        'labels.webhook_id': id,
        message: expect.stringContaining('has missed some'),
      }),
    )
    const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
    expect(metrics).toContain('webhooks_overtaken_total 1')
  })

  it('of a webhook registered after the feed was trimmed has missed nothing', async () => {
    await using service = await start()
    await write(service, 'old')
    await age(service)
    await sweep(service)
    await using receiver = await startReceiver()
    const { id } = await register(service, { url: receiver.url })
    await write(service, 'new')
    await ended(service, id, 1)
    expect(receiver.received.map(({ event }) => event.data.text)).toEqual(['new'])
    expect(JSON.stringify(service.logs())).not.toContain('has missed some')
  })

  it('drops deliveries that ended long ago, and gives up those that wait without end', async () => {
    await using service = await start()
    await using receiver = await startReceiver()
    const { id } = await register(service, { url: receiver.url })
    for (const text of ['a', 'b', 'c', 'd']) await write(service, text)
    const [delivered, failed, failedLongAgo, waiting] = await ended(service, id, 4)
    assert(delivered && failed && failedLongAgo && waiting)
    await change(service, id, { url: receiver.url, state: 'PAUSED' })
    const { sql } = service.opened.database
    const set = ({ id }: { id: string }, columns: string) =>
      sql(`UPDATE kit.webhook_delivery SET ${columns} WHERE id = $1::uuid`, [id])
    await set(delivered, `finished_at = now() - interval '8 days'`)
    await set(failed, `status = 'FAILED', finished_at = now() - interval '8 days'`)
    await set(failedLongAgo, `status = 'FAILED', finished_at = now() - interval '31 days'`)
    await set(
      waiting,
      `status = 'PENDING', finished_at = NULL, due_at = now() - interval '31 days'`,
    )
    await sweep(service)
    const left = await deliveriesOf(service, id)
    expect(Object.fromEntries(left.map((each) => [each.id, each.status]))).toEqual({
      [failed.id]: 'FAILED',
      [waiting.id]: 'FAILED',
    })
    expect(await countOf(service, 'webhook_attempt')).toBe(2)
  })
})
