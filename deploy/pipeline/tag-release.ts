import { runCommand } from './run-command.ts'
import { serviceNamed } from './services.ts'
import { variable } from './variables.ts'

/**
 * Tags the commit that the promoted image was built from as the release, `barcos/v1.1.0`. May run
 * again; a tag of another commit is refused.
 */
const service = serviceNamed(variable('SERVICE'))
const tag = `${service}/v${variable('VERSION')}`
const commit = await revisionOf(`${variable('IMAGE')}@${variable('DIGEST')}`)
const refs = `repos/${variable('GITHUB_REPOSITORY')}/git/refs`
const known = await runCommand('git', 'tag', '--list', '--format=%(objectname)', tag)
if (known === '') {
  await runCommand('gh', 'api', refs, '--field', `ref=refs/tags/${tag}`, '--field', `sha=${commit}`)
} else if (known !== commit) {
  throw new Error(`${tag} is a tag of ${known}, not of ${commit}`)
}
process.stdout.write(`${tag} is ${commit}\n`)

/** The commit that an image's label names. */
async function revisionOf(image: string): Promise<string> {
  const label = 'org.opencontainers.image.revision'
  const format = ['--format', `{{index .Image.Config.Labels "${label}"}}`]
  const revision = await runCommand('docker', 'buildx', 'imagetools', 'inspect', image, ...format)
  if (!/^[0-9a-f]{40}$/.test(revision)) throw new Error(`${image} names no commit in ${label}`)
  return revision
}
