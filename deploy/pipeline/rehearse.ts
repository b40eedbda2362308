import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { digestOf } from './registry.ts'
import { notReleased } from './release-command.ts'
import { eventOf } from './release-events.ts'
import { runCommand } from './run-command.ts'
import { environmentNamed, serviceNamed } from './services.ts'
import { stableImage } from './stable-image.ts'
import { startTraffic } from './traffic.ts'
import { variable } from './variables.ts'

/**
 * Rehearses that a bad release is rolled back: puts a fault into the image that is stable in
 * `ENVIRONMENT`, releases it there under traffic, and passes when the release command has rolled back
 * to what was stable. `ATTEMPT` tells one rehearsal's image from another's.
 */
const service = serviceNamed(variable('SERVICE'))
const environment = environmentNamed(variable('ENVIRONMENT'))
if (environment === 'prod') throw new Error('nobody rehearses in prod')
const image = `${variable('IMAGES')}/${service}`
const tag = `v0.0.0-canary.${variable('ATTEMPT')}`

const stable = await stableImage({ service, environment })
const folder = fileURLToPath(new URL('../jenkins/rehearsal', import.meta.url))
const build = ['buildx', 'build', '--push', `--build-arg=IMAGE=${stable}`, `--tag=${image}:${tag}`]
await runCommand('docker', ...build, folder)
const digest = await digestOf(image, tag)
if (digest === null) throw new Error(`${image}:${tag} was pushed, and is not there`)

const begun = performance.now()
const { exitCode, why, promoted } = await (async () => {
  // A route that every service has; that it refuses this caller does not matter.
  await using traffic = await startTraffic(`${variable('GATEWAY_URL')}/${service}/v1/webhooks`)
  const script = fileURLToPath(new URL('release.ts', import.meta.url))
  const release = spawn(process.execPath, [script], {
    env: { ...process.env, ACTION: 'release', TAG: tag, DIGEST: digest },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number>((resolve, reject) => {
    release.once('error', reject).once('close', (code) => resolve(code ?? 1))
  })
  let [reason, released]: [string | null, boolean] = [null, false]
  for await (const line of createInterface(release.stdout)) {
    process.stdout.write(`${line}\n`)
    const told = eventOf(line)
    if (told?.event === 'rolled-back') reason = told.message
    if (told?.event === 'released') released = true
  }
  const code = await ended
  process.stdout.write(`${traffic.answered()} requests were answered meanwhile\n`)
  return { exitCode: code, why: reason, promoted: released }
})()
const seconds = Math.round((performance.now() - begun) / 1_000)
const after = await stableImage({ service, environment })
if (after !== stable) throw new Error(`${after} is stable, which was ${stable}: roll back by hand`)
// Though the test of its chart may have taken it back then: that is not what is rehearsed.
if (promoted) throw new Error('the figures did not show the fault: it was released to every caller')
if (exitCode !== notReleased || why === null) {
  throw new Error(`the release ended with ${exitCode} and was not rolled back`)
}
process.stdout.write(`after ${seconds} s: ${why}\n`)
