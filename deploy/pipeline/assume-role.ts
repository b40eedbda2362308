import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import { variable } from './variables.ts'

/** Seconds for which the credentials hold: a release through all its steps takes less. */
const duration = 7_200

/**
 * Takes AWS's role `AWS_ROLE_ARN` with the identity that GitHub gives this job, for the steps that
 * follow. No key of AWS is stored anywhere. The role's trust policy names the subject, which ends in
 * `:environment:<name>` and has the owner's and repository's ids in repositories made after
 * 15 July 2026 (`repo:owner@1/name@2:environment:prod`).
 */
const audience = 'sts.amazonaws.com'
const answer = await fetch(`${variable('ACTIONS_ID_TOKEN_REQUEST_URL')}&audience=${audience}`, {
  headers: { authorization: `Bearer ${variable('ACTIONS_ID_TOKEN_REQUEST_TOKEN')}` },
  signal: AbortSignal.timeout(30_000),
})
if (!answer.ok)
  throw new Error(`GitHub gave no identity: ${answer.status}; has the job id-token: write?`)
const { value: token } = (await answer.json()) as { value: string }

// By file: arguments of a process are seen by everybody on the machine.
const folder = await mkdtemp(join(tmpdir(), 'identity-'))
let credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string }
try {
  await writeFile(join(folder, 'token'), token, { mode: 0o600 })
  const output = await runCommand(
    'aws',
    'sts',
    'assume-role-with-web-identity',
    `--role-arn=${variable('AWS_ROLE_ARN')}`,
    `--role-session-name=porttrack-${variable('GITHUB_RUN_ID')}`,
    `--web-identity-token=file://${join(folder, 'token')}`,
    `--duration-seconds=${duration}`,
    '--output=json',
  )
  credentials = (JSON.parse(output) as { Credentials: typeof credentials }).Credentials
} finally {
  await rm(folder, { recursive: true, force: true })
}
const variables = {
  AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
  AWS_SESSION_TOKEN: credentials.SessionToken,
}
for (const value of Object.values(variables)) process.stdout.write(`::add-mask::${value}\n`)
const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`)
await appendFile(variable('GITHUB_ENV'), lines.join(''))
