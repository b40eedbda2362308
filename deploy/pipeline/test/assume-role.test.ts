import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { receiver, workspace } from './script.ts'

const given = {
  AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/porttrack-test',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
  GITHUB_RUN_ID: '42',
}
const credentials = { AccessKeyId: 'AKIA1', SecretAccessKey: 'secret/1', SessionToken: 'session=1' }

describe('taking a role of AWS', () => {
  it('trades the job’s identity for credentials, which are masked and handed on', async () => {
    await using work = await workspace()
    await using github = await receiver([200], JSON.stringify({ value: 'the.identity.token' }))
    const environment = join(work.folder, 'environment')
    await writeFile(environment, 'BEFORE=1\n')
    await work.replace(
      'aws',
      `for argument; do case $argument in
        --web-identity-token=file://*) cat "\${argument#--web-identity-token=file://}" >'${work.folder}/token' ;;
      esac; done
      echo '${JSON.stringify({ Credentials: credentials })}'`,
    )
    const { exitCode, output } = await work.script('assume-role.ts', {
      ...given,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}?x=1`,
      GITHUB_ENV: environment,
    })
    expect(exitCode).toBe(0)
    expect(github.received).toEqual([
      {
        url: '/hook?x=1&audience=sts.amazonaws.com',
        authorization: 'Bearer request-token',
        body: '',
      },
    ])
    expect(await readFile(join(work.folder, 'token'), 'utf8')).toBe('the.identity.token')
    const [call = ''] = await work.callsOf('aws')
    expect(call).toContain(`--role-arn=${given.AWS_ROLE_ARN}`)
    expect(call).not.toContain('the.identity.token')
    expect(await readFile(environment, 'utf8')).toBe(
      'BEFORE=1\nAWS_ACCESS_KEY_ID=AKIA1\nAWS_SECRET_ACCESS_KEY=secret/1\nAWS_SESSION_TOKEN=session=1\n',
    )
    expect(output.split('\n')).toEqual(
      expect.arrayContaining(Object.values(credentials).map((value) => `::add-mask::${value}`)),
    )
  })

  it('says so when GitHub gives no identity', async () => {
    await using work = await workspace()
    await using github = await receiver([403])
    const { exitCode, errors } = await work.script('assume-role.ts', {
      ...given,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}?x=1`,
      GITHUB_ENV: join(work.folder, 'environment'),
    })
    expect(exitCode).toBe(1)
    expect(errors).toContain('GitHub gave no identity: 403')
  })

  it('says so when AWS refuses', async () => {
    await using work = await workspace()
    await using github = await receiver([200], JSON.stringify({ value: 'token' }))
    await work.replace('aws', 'echo "AccessDenied: Not authorized" >&2; exit 254')
    const { exitCode, errors } = await work.script('assume-role.ts', {
      ...given,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}?x=1`,
      GITHUB_ENV: join(work.folder, 'environment'),
    })
    expect(exitCode).toBe(1)
    expect(errors).toContain('AccessDenied: Not authorized')
  })
})
