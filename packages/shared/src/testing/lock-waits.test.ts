import { expect, inject, it } from 'vitest'
import { withClient } from '../database/session.ts'
import type { Sql } from '../database/transaction.ts'
import { lockWaits } from './lock-waits.ts'

const lock = 'SELECT pg_advisory_xact_lock(hashtext($1))'

it('counts who connected after the transaction that it is asked in first looked', async () => {
  const server = inject('postgresUrl')
  await withClient(server, async (holder) => {
    const sql: Sql = async (text, values = []) => (await holder.query(text, [...values])).rows
    await sql('BEGIN')
    await sql(lock, ['lock-waits'])
    const before = await lockWaits(sql)
    await withClient(server, async (late) => {
      const waiting = late.query(lock, ['lock-waits'])
      // Ends with its connection when the expectation fails.
      waiting.catch(() => undefined)
      await expect.poll(() => lockWaits(sql), { timeout: 5_000 }).toBe(before + 1)
      await sql('COMMIT')
      await waiting
    })
  })
})
