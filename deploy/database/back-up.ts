import { resolve } from 'node:path'
import { backUp } from './backup.ts'
import { serviceNamed } from './service-process.ts'

/** `back-up <service> <folder>`: dumps the database of `DATABASE_URL` and prints the dump's path. */
const [name, folder] = process.argv.slice(2)
const url = process.env['DATABASE_URL']
if (!folder || !url) {
  process.stderr.write('DATABASE_URL=postgresql://… back-up <service> <folder>\n')
  process.exit(2)
}
try {
  const dump = await backUp(serviceNamed(name), { url, folder: resolve(folder) })
  process.stdout.write(`${dump}\n`)
} catch (error) {
  process.stderr.write(`back-up: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
