import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { databaseOn, withClient } from '@porttrack/shared/database/session'
import { readManifest, restore } from './backup.ts'
import { runService, serviceNamed } from './service-process.ts'

/**
 * `drill <dump>`: proves that a dump can be lived on. It is restored into a database that is made for
 * it on the server of `DRILL_SERVER_URL` (a role that may create databases), the service of this clone
 * starts on it, and the database is dropped again, whatever happened.
 */
const [dump] = process.argv.slice(2)
const server = process.env['DRILL_SERVER_URL']
if (!dump || !server) {
  process.stderr.write('DRILL_SERVER_URL=postgresql://…/postgres drill <dump>\n')
  process.exit(2)
}

const drill = async (path: string): Promise<string> => {
  const service = serviceNamed((await readManifest(path)).service)
  const name = `drill_${service}_${randomBytes(6).toString('hex')}`
  const url = databaseOn(server, name)
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name}`))
  try {
    const begun = performance.now()
    const { takenAt } = await restore(path, url)
    const restored = (performance.now() - begun) / 1_000
    await using running = await runService(service, { url })
    return (
      `${service} of ${takenAt}: restored in ${restored.toFixed(1)} s, ` +
      `ready ${running.readyAfter.toFixed(1)} s after its start`
    )
  } finally {
    await withClient(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
  }
}

try {
  process.stdout.write(`${await drill(resolve(dump))}\n`)
} catch (error) {
  process.stderr.write(`drill: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
