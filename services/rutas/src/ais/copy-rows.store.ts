import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { CopyRows } from './binary-rows.ts'

/** Writes rows to a table by binary `COPY`; `into` is its name, with the columns if not all. */
export const copyInto = async (tx: pg.PoolClient, into: string, rows: CopyRows): Promise<void> => {
  if (rows.empty) return
  const target = tx.query(copyFrom(`COPY ${into} FROM STDIN (FORMAT binary)`))
  await pipeline(Readable.from([rows.end()]), target)
}
