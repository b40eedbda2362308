import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { digestOf } from './registry.ts'
import { notReleased } from './release-command.ts'
import { eventOf } from './release-events.ts'
import { runCommand } from './run-command.ts'
import { environmentNamed, serviceNamed } from './services.ts'
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

const stableImage = (): Promise<string> =>
  runCommand(
    'kubectl',
    'get',
    'deployment',
    service,
    `--namespace=porttrack-${environment}`,
    '--output=jsonpath={.spec.template.spec.containers[0].image}',
  )

const stable = await stableImage()
const folder = fileURLToPath(new URL('../jenkins/rehearsal', import.meta.url))
const build = ['buildx', 'build', '--push', `--build-arg=IMAGE=${stable}`, `--tag=${image}:${tag}`]
await runCommand('docker', ...build, folder)
const digest = await digestOf(image, tag)
if (digest === null) throw new Error(`${image}:${tag} was pushed, and is not there`)

const begun = performance.now()
const { exitCode, why } = await (async () => {
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
  let reason: string | null = null
  for await (const line of createInterface(release.stdout)) {
    process.stdout.write(`${line}\n`)
    const told = eventOf(line)
    if (told?.event === 'rolled-back') reason = told.message
  }
  const code = await ended
  process.stdout.write(`${traffic.answered()} requests were answered meanwhile\n`)
  return { exitCode: code, why: reason }
})()
const seconds = Math.round((performance.now() - begun) / 1_000)
const after = await stableImage()
if (after !== stable) throw new Error(`${after} is stable, which was ${stable}: roll back by hand`)
if (exitCode !== notReleased || why === null) {
  throw new Error(`the release ended with ${exitCode} and was not rolled back`)
}
process.stdout.write(`after ${seconds} s: ${why}\n`)
