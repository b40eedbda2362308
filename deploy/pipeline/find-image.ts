import { digestOf } from './registry.ts'
import { variable } from './variables.ts'
import { writeOutputs } from './workflow-output.ts'

/**
 * The digest of the image `IMAGE` that `VERSION` names: `1.1.0` or `v1.1.0-canary.3`; and the version
 * that it is, or becomes once it is promoted.
 */
const image = variable('IMAGE')
const wanted = variable('VERSION').replace(/^v/, '')
const [, version] = /^(\d+\.\d+\.\d+)(?:-canary\.\d+(?:\.\d+)?)?$/.exec(wanted) ?? []
if (version === undefined) throw new Error(`"${wanted}" is no version like 1.1.0 or 1.1.0-canary.3`)
const tag = `v${wanted}`
const digest = await digestOf(image, tag)
if (digest === null) throw new Error(`there is no ${image}:${tag}`)
await writeOutputs({ digest, tag, version })
