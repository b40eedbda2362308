import { fileURLToPath } from 'node:url'
import { runCommand } from './run-command.ts'
import { type Built, folderOf } from './services.ts'

const turbo = fileURLToPath(new URL('../../node_modules/.bin/turbo', import.meta.url))

/** What its image and its release are made of beside the packages that turbo knows. */
const alsoNeeded = (name: Built): string[] => [
  'deploy/image',
  'deploy/pipeline',
  '.github/workflows/_plan.yml',
  '.github/workflows/_service.yml',
  `.github/workflows/${name}.yml`,
  // The bot has a chart in its own folder, and is not released by canary.
  ...(name === 'chatops'
    ? []
    : [
        'deploy/helm/service',
        'deploy/helm/environments',
        `deploy/helm/${name}`,
        'deploy/release',
        '.github/workflows/_deploy.yml',
      ]),
]

/** Whether Git knows a commit by this name here. */
export const isCommit = (name: string): Promise<boolean> =>
  runCommand('git', 'cat-file', '-e', `${name}^{commit}`).then(
    () => true,
    () => false,
  )

/**
 * Whether the commits after `base` change a service, a package that it depends on, or what its
 * release is made with. Where Git does not know `base` (a first push, a rewritten branch), it is.
 */
export const isAffected = async (service: Built, base: string): Promise<boolean> => {
  if (!(await isCommit(base))) return true
  const difference = ['diff', '--name-only', base, 'HEAD', '--', ...alsoNeeded(service)]
  if ((await runCommand('git', ...difference)) !== '') return true
  const filter = `--filter=@porttrack/${service}...[${base}]`
  const found = JSON.parse(await runCommand(turbo, 'ls', filter, '--output=json')) as {
    packages: { items: { path: string }[] }
  }
  return found.packages.items.some(({ path }) => path === folderOf(service))
}
