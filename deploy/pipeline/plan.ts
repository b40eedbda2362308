import { readFile } from 'node:fs/promises'
import { isAffected } from './affected.ts'
import { canaryTags, nextVersion, revisionTag } from './release-version.ts'
import { runCommand } from './run-command.ts'
import { builtNamed, folderOf } from './services.ts'
import { variable } from './variables.ts'
import { writeOutputs } from './workflow-output.ts'

/**
 * What a push means for the service, or the bot, that `SERVICE` names: whether it is affected by what came after
 * the commit `BASE`, where images are in the registry `REGISTRY`, the version that it becomes once it
 * is promoted, and the tags of its image until then. `ATTEMPT`, the number of the workflow's run, and
 * `REPETITION`, how often that was started, tell attempts at one version apart.
 */
const service = builtNamed(variable('SERVICE'))
const { version: manifest } = JSON.parse(
  await readFile(`${folderOf(service)}/package.json`, 'utf8'),
) as { version: string }
const tags = (await runCommand('git', 'tag', '--list', `${service}/v*`)).split('\n')
const version = nextVersion(service, { manifest, tags })
const [canary, moving] = canaryTags(version, {
  run: Number(variable('ATTEMPT')),
  repetition: Number(variable('REPETITION')),
})
await writeOutputs({
  affected: String(await isAffected(service, variable('BASE'))),
  // Registries take no capitals.
  images: `${variable('REGISTRY')}/${variable('GITHUB_REPOSITORY')}`.toLowerCase(),
  version,
  canary,
  tags: [canary, moving, revisionTag(await runCommand('git', 'rev-parse', 'HEAD'))].join(' '),
})
