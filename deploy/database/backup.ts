import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withClient } from '@porttrack/shared/database/session'
import type pg from 'pg'
import { runTool } from './postgres-tools.ts'

/** Rows of each table (`schema.table`), partitions by themselves. */
export type Counts = Record<string, number>

/** What stands beside a dump, in a file of the same name with `.json`. */
export type Manifest = {
  service: string
  /** When the dump's snapshot was taken (RFC 3339): what was committed later is not in it. */
  takenAt: string
  /** As PostgreSQL numbers its releases: 150018 is 15.18. */
  serverVersion: number
  /** SHA-256 of the dump, in hexadecimal digits. */
  sha256: string
  rows: Counts
}

/**
 * Writes a dump of a service's database and its manifest into a folder, while the service goes on.
 * The rows are counted in the snapshot that is dumped. Both files have their names from when they are
 * whole and on disk, the manifest last: a dump without one is not finished.
 *
 * @param url of a role that may read everything
 * @returns the path of the dump
 * @throws when something fails; nothing is left behind then
 */
export const backUp = async (
  service: string,
  { url, folder }: { url: string; folder: string },
): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return await withClient(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows } = await client.query<{ id: string; now: Date; version: string }>(
      `SELECT pg_export_snapshot() AS id, now() AS now, current_setting('server_version_num') AS version`,
    )
    const [snapshot] = rows
    if (!snapshot) throw new Error('the server gave no snapshot')
    const takenAt = snapshot.now.toISOString()
    const dump = join(folder, `${service}-${takenAt.replaceAll(/[-:]|\.\d+/g, '')}.dump`)
    try {
      const options = ['--format=custom', `--snapshot=${snapshot.id}`, `--file=${dump}.part`]
      await runTool('pg_dump', url, [...options, '--no-owner', '--no-privileges'])
      const manifest: Manifest = {
        service,
        takenAt,
        serverVersion: Number(snapshot.version),
        sha256: await sha256Of(`${dump}.part`),
        rows: await countRows(client),
      }
      await writeFile(`${manifestOf(dump)}.part`, `${JSON.stringify(manifest, null, 2)}\n`)
      for (const path of [dump, manifestOf(dump)]) await finish(path)
      return dump
    } catch (error) {
      for (const path of [dump, manifestOf(dump)]) await rm(`${path}.part`, { force: true })
      throw error
    }
  })
}

/** Gives a file its name once it is on disk. */
const finish = async (path: string): Promise<void> => {
  const file = await open(`${path}.part`, 'r+')
  await file.sync()
  await file.close()
  await rename(`${path}.part`, path)
}

const manifestOf = (dump: string): string => `${dump}.json`

/** @throws when the dump is not finished, or is not what was dumped */
export const readManifest = async (dump: string): Promise<Manifest> => {
  const text = await readFile(manifestOf(dump), 'utf8').catch((error: unknown) => {
    throw new Error(`${manifestOf(dump)} cannot be read: is the dump finished?`, { cause: error })
  })
  const manifest = JSON.parse(text) as Manifest
  if ((await sha256Of(dump)) !== manifest.sha256) {
    throw new Error(`${dump} is damaged: its SHA-256 is not the one of its manifest`)
  }
  return manifest
}

/**
 * Restores a dump into an empty database, all or nothing, and compares it with its manifest. The
 * feed's epoch is renewed: readers that are ahead of the dump begin anew, instead of missing what is
 * written from here on.
 *
 * @param url of the role that is to own what is restored
 * @throws when the dump is damaged, the database is not empty or its server older than the dump's,
 *   or when what was restored is not what was dumped
 */
export const restore = async (dump: string, url: string): Promise<Manifest> => {
  const manifest = await readManifest(dump)
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num')
    const version = Number(rows[0]?.server_version_num)
    if (Math.trunc(version / 10_000) < Math.trunc(manifest.serverVersion / 10_000)) {
      throw new Error(`the dump is of a newer server (${manifest.serverVersion}) than ${version}`)
    }
    const tables = Object.keys(await countRows(client))
    if (tables.length > 0) {
      throw new Error(`the database is not empty: it has ${tables.slice(0, 3).join(', ')}…`)
    }
  })
  const options = ['--exit-on-error', '--single-transaction', '--no-owner', '--no-privileges']
  await runTool('pg_restore', url, [...options, `--dbname=${databaseOf(url)}`, dump])
  await withClient(url, async (client) => {
    await client.query('UPDATE kit.feed_epoch SET epoch = gen_random_uuid()')
    // What the planner knows of the rows is not part of a dump.
    await client.query('ANALYZE')
    const faults = differences(manifest.rows, await countRows(client))
    if (faults.length > 0) throw new Error(`not what was dumped: ${faults.join('; ')}`)
  })
  return manifest
}

const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

const differences = (wanted: Counts, found: Counts): string[] =>
  [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .filter((table) => wanted[table] !== found[table])
    .map(
      (table) => `${table} has ${found[table] ?? 'no'} rows instead of ${wanted[table] ?? 'none'}`,
    )

/** Counts the rows of every table of the kit and of the service, as the client's transaction sees them. */
export const countRows = async (client: pg.Client): Promise<Counts> => {
  const tables = await client.query<{ name: string; quoted: string }>(
    `SELECT format('%s.%s', nspname, relname) AS name, format('%I.%I', nspname, relname) AS quoted
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind = 'r' AND nspname IN ('kit', 'public') ORDER BY 1`,
  )
  const counts: Counts = {}
  for (const { name, quoted } of tables.rows) {
    const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${quoted}`)
    counts[name] = Number(rows[0]?.n)
  }
  return counts
}

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
