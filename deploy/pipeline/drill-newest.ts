import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pnpm } from './pnpm.ts'
import { runCommand } from './run-command.ts'
import { serviceNamed } from './services.ts'
import { variable } from './variables.ts'

/** A day, and two hours in which a backup may be on its way. */
const oldest = 26 * 3_600_000

/**
 * Restores the newest backup of `SERVICE` in the folder `BACKUPS` on the server of `DRILL_SERVER_URL`,
 * and starts the service on it. Fails too when the newest is older than 26 hours: a backup that is not
 * made is found here.
 */
const service = serviceNamed(variable('SERVICE'))
const folder = variable('BACKUPS')
variable('DRILL_SERVER_URL')
const manifests = (await readdir(folder)).filter(
  (name) => name.startsWith(`${service}-`) && name.endsWith('.dump.json'),
)
// Their names hold the time, so the last is the newest.
const newest = manifests.toSorted().at(-1)
if (newest === undefined) throw new Error(`there is no finished backup of ${service} in ${folder}`)
const { takenAt } = JSON.parse(await readFile(join(folder, newest), 'utf8')) as { takenAt: string }
if (!(Date.now() - Date.parse(takenAt) < oldest)) {
  throw new Error(`the newest backup of ${service} is of ${takenAt}: older than 26 hours`)
}
const dump = join(folder, newest.replace(/\.json$/, ''))
const drill = ['-s', '-C', 'deploy/database', 'drill', dump]
process.stdout.write(`${await runCommand('npx', ...pnpm, ...drill)}\n`)
