import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { postToSlack } from './post-to-slack.ts'
import { digestOf } from './registry.ts'
import { releaseCommand } from './release-command.ts'
import { eventOf, toldAs } from './release-events.ts'
import { environmentNamed, serviceNamed, services } from './services.ts'
import { variable } from './variables.ts'

/**
 * Runs the release command for `ACTION` (`release`, `rollback` or `reconcile`), tells Slack each of
 * its steps, and ends as it ended. What is released is `DIGEST` with its tag `TAG`, or the image in
 * `IMAGES` that `VERSION` names. `reconcile` is for all services, whatever becomes of one.
 */
const action = variable('ACTION')
const environment = environmentNamed(variable('ENVIRONMENT'))
const concerned = action === 'reconcile' ? services : [serviceNamed(variable('SERVICE'))]

const imageToRelease = async (): Promise<{ tag: string; digest: string }> => {
  if (process.env['DIGEST']) return { tag: variable('TAG'), digest: variable('DIGEST') }
  const tag = `v${variable('VERSION').replace(/^v/, '')}`
  const repository = `${variable('IMAGES')}/${concerned[0]}`
  const digest = await digestOf(repository, tag)
  if (digest === null) throw new Error(`there is no ${repository}:${tag}`)
  return { tag, digest }
}

const image = action === 'release' ? await imageToRelease() : undefined

const run = async (service: string): Promise<number> => {
  const command = releaseCommand(action, { service, environment, image })
  const child = spawn('node', command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  // The command rolls back when it is interrupted: it is told, and waited for.
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass)
  for await (const line of createInterface(child.stdout)) {
    process.stdout.write(`${line}\n`)
    const told = eventOf(line)
    const kind = told && toldAs[told.event]
    if (!kind) continue
    await postToSlack({
      kind,
      subject: service,
      environment,
      version: image?.tag,
      detail: told.message,
      link: process.env['LINK'],
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass)
  return await ended
}

process.exitCode = 0
for (const service of concerned) process.exitCode = Math.max(process.exitCode, await run(service))
