import { postToSlack } from './post-to-slack.ts'
import type { Kind } from './slack-message.ts'
import { variable } from './variables.ts'

/** The jobs of Jenkins. The first three tell of a good end themselves, or have nothing to tell. */
const jobs: Readonly<Record<string, { kind: Kind; tellsSuccess: boolean }>> = {
  release: { kind: 'release-failed', tellsSuccess: false },
  rollback: { kind: 'release-failed', tellsSuccess: false },
  reconcile: { kind: 'release-failed', tellsSuccess: false },
  rehearse: { kind: 'rehearsal', tellsSuccess: true },
  drill: { kind: 'drill', tellsSuccess: true },
}

/** Tells Slack how a job of Jenkins ended: `ACTION`, `RESULT`, `SERVICE`, `ENVIRONMENT`, `LINK`. */
const [action, result] = [variable('ACTION'), variable('RESULT')]
const job = Object.hasOwn(jobs, action) ? jobs[action] : undefined
if (!job) throw new Error(`"${action}" is no action: ${Object.keys(jobs).join(', ')}`)
if (job.tellsSuccess || result !== 'SUCCESS') {
  await postToSlack({
    kind: job.kind,
    subject: action === 'reconcile' ? 'reconcile' : variable('SERVICE'),
    environment: action === 'drill' ? undefined : process.env['ENVIRONMENT'],
    version: process.env['VERSION'],
    detail: `Jenkins: ${result}`,
    link: process.env['LINK'],
  })
}
