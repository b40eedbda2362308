import type pg from 'pg'
import { appendEvents, type NewEvent } from '../events/outbox.ts'

/** Runs one statement with `$1`-style parameters and gives its rows. */
export type Sql = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>

/** One transaction: what changes, and the events that tell of it, are committed together. */
export type Unit<Tx> = {
  readonly tx: Tx
  readonly sql: Sql
  /** Adds an event to the service's feed, should the transaction commit. */
  publish: (event: NewEvent) => void
}

/** How a database's connections are used at a moment. */
export type Connections = {
  used: number
  idle: number
  max: number
  /** Who waits for one. */
  waiting: number
}

/** What the kit needs of a service's database; `Tx` is the client the service's stores work with. */
export type Database<Tx = unknown> = {
  readonly sql: Sql
  connections(): Connections
  transaction<T>(work: (unit: Unit<Tx>) => Promise<T>): Promise<T>
  close(): Promise<void>
}

type RawQuerying = {
  $queryRawUnsafe: <T>(query: string, ...values: unknown[]) => Promise<T>
}

type TransactionalPrisma<Tx> = RawQuerying & {
  $transaction: <T>(
    work: (tx: Tx) => Promise<T>,
    options?: { maxWait?: number; timeout?: number },
  ) => Promise<T>
  $disconnect: () => Promise<void>
}

/** The kit's view of a database that a service reaches by Prisma over `pool`. */
export const prismaDatabase = <Tx extends RawQuerying>(
  prisma: TransactionalPrisma<Tx>,
  pool: pg.Pool,
): Database<Tx> => ({
  sql: sqlOfPool(pool),
  connections: () => connectionsOf(pool),
  transaction: (work) =>
    prisma.$transaction(
      async (tx) => {
        const sql: Sql = (text, values = []) => tx.$queryRawUnsafe(text, ...values)
        return withEvents({ tx, sql }, work)
      },
      { maxWait: 5_000, timeout: 30_000 },
    ),
  close: async () => {
    await prisma.$disconnect()
    await pool.end()
  },
})

/** The kit's view of a database that a service reaches by plain SQL. */
export const pgDatabase = (pool: pg.Pool): Database<pg.PoolClient> => ({
  sql: sqlOfPool(pool),
  connections: () => connectionsOf(pool),
  transaction: async (work) => {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const sql: Sql = async (text, values = []) => (await client.query(text, [...values])).rows
      const result = await withEvents({ tx: client, sql }, work)
      const { command } = await client.query('COMMIT')
      // PostgreSQL's answer to a COMMIT after a statement whose error was passed over.
      if (command === 'ROLLBACK') throw new Error('the transaction had failed and was rolled back')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((failed: Error) => {
        broken = failed
      })
      throw error
    } finally {
      client.release(broken)
    }
  },
  close: () => pool.end(),
})

const sqlOfPool =
  (pool: pg.Pool): Sql =>
  async (text, values = []) =>
    (await pool.query(text, [...values])).rows

const connectionsOf = ({ totalCount, idleCount, waitingCount, options }: pg.Pool): Connections => ({
  used: totalCount - idleCount,
  idle: idleCount,
  max: options.max,
  waiting: waitingCount,
})

const withEvents = async <Tx, T>(
  { tx, sql }: { tx: Tx; sql: Sql },
  work: (unit: Unit<Tx>) => Promise<T>,
): Promise<T> => {
  const events: NewEvent[] = []
  const result = await work({ tx, sql, publish: (event) => events.push(event) })
  await appendEvents(sql, events)
  return result
}
