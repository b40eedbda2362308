import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { receiver, workspace, type Workspace } from './script.ts'

const role = 'arn:aws:iam::123456789012:role/porttrack-test'
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString()
const credentialsUntil = (Expiration: string) => ({
  AccessKeyId: 'AKIA1',
  SecretAccessKey: 'secret/1',
  SessionToken: 'session=1',
  Expiration,
})

/** AWS's program, which gives credentials that hold for so many seconds. */
const replaceAws = (work: Workspace, seconds: number): Promise<void> =>
  work.replace(
    'aws',
    `for argument; do case $argument in
      --web-identity-token=file://*) cat "\${argument#--web-identity-token=file://}" >'${work.folder}/token' ;;
    esac; done
    echo '${JSON.stringify({ Credentials: credentialsUntil(inSeconds(seconds)) })}'`,
  )

const set = async (work: Workspace, github: { url: string }) => {
  const environment = join(work.folder, 'environment')
  await writeFile(environment, 'BEFORE=1\n')
  return {
    AWS_ROLE_ARN: role,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}?x=1`,
    GITHUB_RUN_ID: '42',
    GITHUB_ENV: environment,
    RUNNER_TEMP: work.folder,
    AWS_CONFIG_FILE: join(work.folder, 'aws/config'),
  }
}

const identity = JSON.stringify({ value: 'the.identity.token' })

describe('taking a role of AWS', () => {
  it('tells AWS’s programs whom to ask, and hands no credentials on', async () => {
    await using work = await workspace()
    await using github = await receiver([200], identity)
    await replaceAws(work, 3_600)
    const variables = await set(work, github)
    const { exitCode, output } = await work.script('assume-role.ts', variables)
    expect(exitCode).toBe(0)
    expect(output).not.toContain('secret/1')
    expect(github.received).toEqual([
      {
        url: '/hook?x=1&audience=sts.amazonaws.com',
        authorization: 'Bearer request-token',
        body: '',
      },
    ])
    expect(await readFile(join(work.folder, 'token'), 'utf8')).toBe('the.identity.token')
    const [call = ''] = await work.callsOf('aws')
    expect(call).toContain(`--role-arn=${role}`)
    expect(call).not.toContain('the.identity.token')
    const config = join(work.folder, 'aws/config')
    expect(await readFile(variables.GITHUB_ENV, 'utf8')).toBe(
      `BEFORE=1\nAWS_CONFIG_FILE=${config}\nAWS_ROLE_ARN=${role}\n`,
    )
    expect(await readFile(config, 'utf8')).toMatch(
      /^\[default\]\ncredential_process = "\S+" "\S+deploy\/pipeline\/role-credentials\.ts"\n$/,
    )
    const { mode } = await stat(join(work.folder, 'aws/credentials.json'))
    expect(mode & 0o077).toBe(0)
  })

  it.each([
    ['asks once while the credentials hold', 3_600, 1],
    ['takes it anew before they end', 600, 2],
  ])('%s', async (_what, seconds, times) => {
    await using work = await workspace()
    await using github = await receiver([200], identity)
    await replaceAws(work, seconds)
    const variables = await set(work, github)
    await work.script('assume-role.ts', variables)
    const { exitCode, output } = await work.script('role-credentials.ts', variables)
    expect(exitCode).toBe(0)
    expect(JSON.parse(output)).toEqual({
      Version: 1,
      ...credentialsUntil(expect.any(String) as string),
    })
    expect(await work.callsOf('aws')).toHaveLength(times)
    expect(github.received).toHaveLength(times)
  })

  it('says so when GitHub gives no identity', async () => {
    await using work = await workspace()
    await using github = await receiver([403])
    const { exitCode, errors } = await work.script('assume-role.ts', await set(work, github))
    expect(exitCode).toBe(1)
    expect(errors).toContain('GitHub gave no identity: 403')
  })

  it('says so when AWS refuses', async () => {
    await using work = await workspace()
    await using github = await receiver([200], identity)
    await work.replace('aws', 'echo "AccessDenied: Not authorized" >&2; exit 254')
    const { exitCode, errors } = await work.script('assume-role.ts', await set(work, github))
    expect(exitCode).toBe(1)
    expect(errors).toContain('AccessDenied: Not authorized')
  })
})
