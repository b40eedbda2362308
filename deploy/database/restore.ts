import { resolve } from 'node:path'
import { restore } from './backup.ts'

/** `restore <dump>`: restores a dump into the empty database of `DATABASE_URL`, and checks it. */
const [dump] = process.argv.slice(2)
const url = process.env['DATABASE_URL']
if (!dump || !url) {
  process.stderr.write('DATABASE_URL=postgresql://… restore <dump>\n')
  process.exit(2)
}
try {
  const { service, takenAt, rows } = await restore(resolve(dump), url)
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  process.stdout.write(`${service} is as it was at ${takenAt}: ${total} rows, as many as dumped\n`)
} catch (error) {
  process.stderr.write(`restore: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
