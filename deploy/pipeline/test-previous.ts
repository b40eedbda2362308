import { cp, mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pnpm } from './pnpm.ts'
import { newestRelease } from './release-version.ts'
import { runCommand } from './run-command.ts'
import { runShown } from './run-shown.ts'
import { folderOf, serviceNamed } from './services.ts'
import { variable } from './variables.ts'

/**
 * Runs the tests of the newest release of `SERVICE` on the schema of this commit. A rollback leaves
 * the schema as it is, so the release before has to live on it. Passes where nothing was released yet.
 */
const service = serviceNamed(variable('SERVICE'))
const tags = (await runCommand('git', 'tag', '--list', `${service}/v*`)).split('\n')
const tag = newestRelease(service, tags)
const migrations = [`${folderOf(service)}/prisma/migrations`, 'packages/shared/migrations'].filter(
  (path) => existsSync(path),
)
if (tag === null || !existsSync(`${folderOf(service)}/prisma`)) {
  process.stdout.write(`${service}: ${tag === null ? 'nothing was released yet' : 'no database'}\n`)
  process.exit(0)
}

const folder = await mkdtemp(join(tmpdir(), 'previous-'))
try {
  await runCommand('git', 'worktree', 'add', '--detach', join(folder, 'tree'), tag)
  const tree = join(folder, 'tree')
  const inTree = (...args: string[]) => runShown('npx', [...pnpm, ...args], { cwd: tree })
  for (const path of migrations) await cp(path, join(tree, path), { recursive: true })
  process.stdout.write(`${tag} on the schema of this commit\n`)
  process.exitCode =
    (await inTree('install', '--frozen-lockfile')) ||
    (await inTree('exec', 'turbo', 'run', 'test', `--filter=@porttrack/${service}`))
} finally {
  await rm(folder, { recursive: true, force: true })
  await runCommand('git', 'worktree', 'prune')
}
