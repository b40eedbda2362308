import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from './platform/repository.ts'

/**
 * Generates the services' database clients, which the repository does not hold, before something
 * that starts the services; does next to nothing while no schema has changed. Says nothing unless
 * it fails: what follows speaks for itself, and may speak to programs.
 */
const turbo = join(repositoryRoot, 'node_modules', '.bin', 'turbo')
const parameters = ['run', 'generate', '--output-logs=errors-only', '--log-prefix=none']
try {
  await promisify(execFile)(turbo, parameters, {
    cwd: repositoryRoot,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  })
} catch (error) {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
  process.stderr.write(`the database clients could not be generated: ${String(error)}\n`)
  process.stderr.write(`${stdout}${stderr}`)
  process.exitCode = 1
}
