import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { checkChartImage } from './chart-image.ts'
import { passesChartTest } from './chart-test.ts'
import { postToSlack } from './post-to-slack.ts'
import { digestOf } from './registry.ts'
import { notConfirmed, notReleased, releaseCommand } from './release-command.ts'
import { eventOf, toldAs } from './release-events.ts'
import { environmentNamed, type Service, serviceNamed, services } from './services.ts'
import type { Kind } from './slack-message.ts'
import { stableImage } from './stable-image.ts'
import { variable } from './variables.ts'

/**
 * Runs the release command for `ACTION` (`release`, `rollback` or `reconcile`), tells Slack each of
 * its steps, and ends as it ended. What is released is the service's image in `IMAGES`: `DIGEST` with its
 * tag `TAG`, or the one that `VERSION` names; what was released and then fails the test of its chart is rolled back.
 * `CHANGE_SHARED=true` lets it take away what stable pods share with a canary.
 * `reconcile` is for all services, whatever becomes of one.
 */
const action = variable('ACTION')
const changesShared = process.env['CHANGE_SHARED'] === 'true'
const environment = environmentNamed(variable('ENVIRONMENT'))
const concerned: readonly [Service, ...Service[]] =
  action === 'reconcile' ? services : [serviceNamed(variable('SERVICE'))]

type Image = { repository: string; tag: string; digest: string }

const imageToRelease = async (service: Service): Promise<Image> => {
  const repository = `${variable('IMAGES')}/${service}`
  if (process.env['DIGEST']) {
    return { repository, tag: variable('TAG'), digest: variable('DIGEST') }
  }
  const tag = `v${variable('VERSION').replace(/^v/, '')}`
  const digest = await digestOf(repository, tag)
  if (digest === null) throw new Error(`there is no ${repository}:${tag}`)
  return { repository, tag, digest }
}

const image = action === 'release' ? await imageToRelease(concerned[0]) : undefined
if (image) await checkChartImage({ service: concerned[0], environment }, image)

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interruption.abort())
}

const tell = (service: string, kind: Kind, detail: string): Promise<void> =>
  postToSlack({
    kind,
    subject: service,
    environment,
    version: image?.tag,
    detail,
    link: process.env['LINK'],
  })

const run = async (what: string, service: string): Promise<number> => {
  const command = releaseCommand(what, { service, environment, image, changesShared })
  const child = spawn('node', command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  // The command rolls back when it is interrupted: it is told, and waited for.
  const pass = () => void child.kill('SIGTERM')
  interruption.signal.addEventListener('abort', pass)
  for await (const line of createInterface(child.stdout)) {
    process.stdout.write(`${line}\n`)
    const told = eventOf(line)
    const kind = told && toldAs[told.event]
    if (kind) await tell(service, kind, told.message)
  }
  interruption.signal.removeEventListener('abort', pass)
  return await ended
}

/** Rolls back what fails its chart's test, unless something else was released meanwhile. */
const takeBack = async (service: string, digest: string): Promise<number> => {
  let stable: string
  try {
    stable = await stableImage({ service, environment })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    await tell(service, 'release-failed', `failed helm test, and is not rolled back: ${why}`)
    return notConfirmed
  }
  if (!stable.endsWith(`@${digest}`)) {
    await tell(service, 'release-failed', `failed helm test; ${stable} is stable meanwhile`)
    return notReleased
  }
  await tell(service, 'release-failed', 'failed helm test; rolling back')
  return (await run('rollback', service)) || notReleased
}

process.exitCode = 0
for (const service of concerned) {
  if (interruption.signal.aborted) {
    process.exitCode ||= notReleased
    break
  }
  let code = await run(action, service)
  if (image && code === 0) {
    const passed = await passesChartTest({ service, environment }, interruption.signal)
    if (!passed) code = await takeBack(service, image.digest)
  }
  // What somebody must look at outdoes everything else.
  if (code === notConfirmed || process.exitCode === 0) process.exitCode = code
}
