import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runCommand } from './run-command.ts'
import { variable } from './variables.ts'

/**
 * Prints credentials of AWS's role `AWS_ROLE_ARN` as AWS's programs take them of a `credential_process`.
 * They are kept beside `AWS_CONFIG_FILE`, for this user alone, and taken anew before they end.
 */

/** Seconds for which they hold: what every role allows. */
const duration = 3_600

/** Seconds that are to be left of them, for what begins with them. */
const left = 900

type Credentials = {
  AccessKeyId: string
  SecretAccessKey: string
  SessionToken: string
  Expiration: string
}

const kept = join(dirname(variable('AWS_CONFIG_FILE')), 'credentials.json')

/** Null where there are none, or none that can be read. */
const readKept = async (): Promise<Credentials | null> => {
  try {
    return JSON.parse(await readFile(kept, 'utf8')) as Credentials
  } catch {
    return null
  }
}

const takeRole = async (): Promise<Credentials> => {
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
      // It is this program that would be asked for credentials otherwise, which this call needs none of.
      '--no-sign-request',
      '--output=json',
    )
    return (JSON.parse(output) as { Credentials: Credentials }).Credentials
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const isGood = ({ Expiration }: Credentials): boolean =>
  Date.parse(Expiration) - Date.now() > left * 1_000

let credentials = await readKept()
if (credentials === null || !isGood(credentials)) {
  credentials = await takeRole()
  // In one step: another program may read it meanwhile.
  const part = `${kept}.${process.pid}`
  await writeFile(part, JSON.stringify(credentials), { mode: 0o600 })
  await rename(part, kept)
}
process.stdout.write(`${JSON.stringify({ Version: 1, ...credentials })}\n`)
