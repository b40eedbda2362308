import { digestOf, tagDigest } from './registry.ts'
import { stableTags } from './release-version.ts'
import { runCommand } from './run-command.ts'
import { serviceNamed } from './services.ts'
import { variable } from './variables.ts'

/**
 * Gives the image that was measured (`IMAGE`, `DIGEST`) the tags of a release: `VERSION`, and those
 * of its lines where it is their newest. Nothing is built anew. May run again; a version that stands
 * for another digest is refused, since what was released must stay what it was.
 */
const service = serviceNamed(variable('SERVICE'))
const [image, digest, version] = [variable('IMAGE'), variable('DIGEST'), variable('VERSION')]
const tags = (await runCommand('git', 'tag', '--list', `${service}/v*`)).split('\n')
const released = await digestOf(image, `v${version}`)
if (released !== null && released !== digest) {
  throw new Error(`${image}:v${version} was released as ${released}; raise the version`)
}
const promoted = stableTags(service, { version, tags })
await tagDigest(image, { digest, tags: promoted })
process.stdout.write(`${image}@${digest} is ${promoted.join(', ')}\n`)
