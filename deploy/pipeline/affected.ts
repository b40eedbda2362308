import { fileURLToPath } from 'node:url'
import { runCommand } from './run-command.ts'
import { folderOf, type Service } from './services.ts'

const turbo = fileURLToPath(new URL('../../node_modules/.bin/turbo', import.meta.url))

/** What the image or the release of a service is made of beside the packages that turbo knows. */
const alsoNeeded = (service: Service): string[] => [
  'deploy/image',
  'deploy/helm/service',
  'deploy/helm/environments',
  `deploy/helm/${service}`,
  'deploy/release',
  'deploy/pipeline',
  '.github/workflows/_plan.yml',
  '.github/workflows/_service.yml',
  '.github/workflows/_deploy.yml',
  `.github/workflows/${service}.yml`,
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
export const isAffected = async (service: Service, base: string): Promise<boolean> => {
  if (!(await isCommit(base))) return true
  const difference = ['diff', '--name-only', base, 'HEAD', '--', ...alsoNeeded(service)]
  if ((await runCommand('git', ...difference)) !== '') return true
  const filter = `--filter=@porttrack/${service}...[${base}]`
  const found = JSON.parse(await runCommand(turbo, 'ls', filter, '--output=json')) as {
    packages: { items: { path: string }[] }
  }
  return found.packages.items.some(({ path }) => path === folderOf(service))
}
