import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { migrate } from '@porttrack/shared/database/migrate'
import { repositoryRoot } from './repository.ts'

/**
 * Brings databases up to date: `DATABASE_URLS` holds, as JSON, the URL for each service. A process
 * of its own, so that the schema engine's memory is given back, and one for all, since loading the
 * engine takes longer than what it has to do.
 */
let exitCode = 0
const urls = JSON.parse(process.env['DATABASE_URLS'] ?? '{}') as Record<string, string>
for (const [service, url] of Object.entries(urls)) {
  const folder = join(repositoryRoot, 'services', service, 'prisma', 'migrations')
  try {
    await migrate(url, pathToFileURL(`${folder}/`))
  } catch (error) {
    process.stderr.write(`${service}: ${error instanceof Error ? error.message : String(error)}\n`)
    exitCode = 1
  }
}
// The engine leaves a timer of ten seconds behind that would keep this process waiting.
process.exit(exitCode)
