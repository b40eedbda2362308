import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { receiver, workspace, type Workspace } from './script.ts'

const digest = `sha256:${'a'.repeat(64)}`
const release = {
  ACTION: 'release',
  SERVICE: 'barcos',
  ENVIRONMENT: 'staging',
  TAG: 'v1.1.0-canary.3',
  DIGEST: digest,
  IMAGES: 'ghcr.io/example/porttrack',
}
const line = (fields: object): string => `echo '${JSON.stringify(fields)}'`
/** Helm with a chart that takes its images from there, and whose test does that. */
const helm = (chartTest: string, images = release.IMAGES): string =>
  `case $1 in template) echo "  - image: ${images}/barcos:v1@sha256:0" ;; *) ${chartTest} ;; esac`
const passes = 'echo "Phase: tested"'
const fails = 'echo "Phase: tested"; exit 1'
const testsOf = async (work: Workspace): Promise<string[]> =>
  (await work.callsOf('helm')).filter((call) => call.startsWith('test '))
const commandOf = (calls: string[]): string[] =>
  calls.map((call) => call.replace(/^\S*deploy\/release\/\S+ /, ''))

describe('a release', () => {
  it('runs the release command, and tells Slack each step', async () => {
    await using work = await workspace()
    await using slack = await receiver([200])
    await work.replace(
      'node',
      [
        line({ event: 'step', message: 'canary at 5 %' }),
        line({ event: 'figures', message: 'not for people' }),
        'echo "{broken"',
        line({ event: 'promoted', message: 'stable; watching it' }),
        line({ event: 'released', message: 'serves every caller' }),
      ].join('\n'),
    )
    await work.replace('helm', helm(passes))
    const variables = { ...release, SLACK_WEBHOOK_URL: slack.url }
    const { exitCode, output } = await work.script('release.ts', variables)
    expect(exitCode).toBe(0)
    expect(output).toContain('Phase: tested')
    expect(await testsOf(work)).toEqual(['test barcos --namespace=porttrack-staging --logs'])
    expect(output).toContain('not for people')
    expect(commandOf(await work.callsOf('node'))).toEqual([
      `barcos staging --version=v1.1.0-canary.3 --digest=${digest} --json`,
    ])
    expect(slack.received.map(({ body }) => JSON.parse(body).text)).toEqual([
      'Release: barcos v1.1.0-canary.3 in staging',
      'Release: barcos v1.1.0-canary.3 in staging',
      'Promoted: barcos v1.1.0-canary.3 in staging',
    ])
    expect(slack.received[0]?.body).toContain('canary at 5 %')
  })

  it('takes away what stable pods share only where somebody says so', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    await work.replace('helm', helm(passes))
    await work.script('release.ts', { ...release, CHANGE_SHARED: 'true' })
    await work.script('release.ts', { ...release, CHANGE_SHARED: 'false' })
    const command = `barcos staging --version=v1.1.0-canary.3 --digest=${digest}`
    expect(commandOf(await work.callsOf('node'))).toEqual([
      `${command} --change-shared --json`,
      `${command} --json`,
    ])
  })

  it('ends as the command ends', async () => {
    await using work = await workspace()
    await work.replace('node', 'echo "rolled back: 2 % errors" >&2; exit 3')
    await work.replace('helm', helm(passes))
    const { exitCode, errors } = await work.script('release.ts', release)
    expect(exitCode).toBe(3)
    expect(errors).toContain('rolled back: 2 % errors')
    expect(await testsOf(work)).toEqual([])
  })

  it('tells the command of an interruption and waits for it to roll back', async () => {
    await using work = await workspace()
    await work.replace('helm', helm(passes))
    const rollBack = `trap 'echo rolling back; sleep 1; echo rolled back; exit 3' TERM`
    await work.replace('node', `${rollBack}\necho started\nwhile :; do sleep 0.1; done`)
    const { exitCode, output } = await work.script('release.ts', release, async (child) => {
      while (!child.output().includes('started')) await sleep(20)
      child.kill('SIGTERM')
    })
    expect(output).toContain('rolled back')
    expect(exitCode).toBe(3)
  })

  it('finds the digest of a version, where there is one', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    await work.replace('helm', helm(passes))
    await work.replace(
      'docker',
      `case "$*" in *barcos:v1.1.0*) echo ${digest} ;; *) echo "not found" >&2; exit 1 ;; esac`,
    )
    const byVersion = { ...release, DIGEST: '', TAG: '' }
    await work.script('release.ts', { ...byVersion, VERSION: '1.1.0' })
    expect(commandOf(await work.callsOf('node'))).toEqual([
      `barcos staging --version=v1.1.0 --digest=${digest} --json`,
    ])
    const { exitCode, errors } = await work.script('release.ts', { ...byVersion, VERSION: '9.9.9' })
    expect(exitCode).toBe(1)
    expect(errors).toContain('there is no ghcr.io/example/porttrack/barcos:v9.9.9')
  })

  it('may be a rollback', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    await work.script('release.ts', { ...release, ACTION: 'rollback' })
    expect(commandOf(await work.callsOf('node'))).toEqual(['rollback barcos staging --json'])
    expect(await testsOf(work)).toEqual([])
  })

  it('is finished for every service, whatever becomes of one', async () => {
    await using work = await workspace()
    await work.replace('node', 'case "$*" in *carga*) exit 3 ;; *rutas*) exit 5 ;; esac')
    const variables = { ...release, ACTION: 'reconcile', SERVICE: '' }
    expect(await work.script('release.ts', variables)).toMatchObject({ exitCode: 3 })
    expect(commandOf(await work.callsOf('node'))).toEqual(
      ['barcos', 'carga', 'rutas', 'personal', 'gateway'].map(
        (service) => `reconcile ${service} staging --json`,
      ),
    )
  })

  it('is of an image that the chart takes', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    await work.replace('helm', helm(passes, 'ghcr.io/somebody/else'))
    const { exitCode, errors } = await work.script('release.ts', release)
    expect(exitCode).toBe(1)
    expect(errors).toContain('staging takes images from ghcr.io/somebody/else/barcos')
    expect(await work.callsOf('node')).toEqual([])
  })

  it.each([
    [{ ACTION: 'destroy' }, '"destroy" is no action'],
    [{ ENVIRONMENT: 'production' }, '"production" is no environment'],
    [{ SERVICE: 'barcos; rm' }, 'is no service'],
    [{ DIGEST: '', VERSION: '' }, 'VERSION is missing'],
  ])('refuses %o', async (variables, why) => {
    await using work = await workspace()
    await work.replace('node', '')
    const { exitCode, errors } = await work.script('release.ts', { ...release, ...variables })
    expect(exitCode).toBe(1)
    expect(errors).toContain(why)
    expect(await work.callsOf('node')).toEqual([])
  })
})

describe('a release that fails the test of its chart', () => {
  const released = `barcos staging --version=v1.1.0-canary.3 --digest=${digest} --json`
  const stable = (image: string): string => `echo ghcr.io/example/porttrack/barcos:v1@${image}`

  it('is tried again, and then rolled back', async () => {
    await using work = await workspace()
    await using slack = await receiver([200])
    await work.replace('node', line({ event: 'rolled-back', message: 'back to v1.0.9' }))
    await work.replace('helm', helm(fails))
    await work.replace('kubectl', stable(digest))
    const variables = { ...release, SLACK_WEBHOOK_URL: slack.url }
    expect(await work.script('release.ts', variables)).toMatchObject({ exitCode: 1 })
    expect(await testsOf(work)).toHaveLength(2)
    const rollback = 'rollback barcos staging --json'
    expect(commandOf(await work.callsOf('node'))).toEqual([released, rollback])
    expect(slack.received.map(({ body }) => JSON.parse(body).text).slice(-2)).toEqual([
      'Release failed: barcos v1.1.0-canary.3 in staging',
      'Rolled back: barcos v1.1.0-canary.3 in staging',
    ])
  })

  it('stays where it passes at the second try', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    const mark = `${work.folder}/tried`
    await work.replace('helm', helm(`[ -e '${mark}' ] || { touch '${mark}'; exit 1; }`))
    expect(await work.script('release.ts', release)).toMatchObject({ exitCode: 0 })
    expect(commandOf(await work.callsOf('node'))).toEqual([released])
  })

  it('is rolled back when the test is interrupted', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    await work.replace('helm', helm('echo testing; exec sleep 60'))
    await work.replace('kubectl', stable(digest))
    const { exitCode } = await work.script('release.ts', release, async (child) => {
      while (!child.output().includes('testing')) await sleep(20)
      child.kill('SIGTERM')
    })
    expect(exitCode).toBe(1)
    expect(await testsOf(work)).toHaveLength(1)
    expect(await work.callsOf('node')).toHaveLength(2)
  })

  it('ends as the rollback ends, when that fails', async () => {
    await using work = await workspace()
    await work.replace('node', 'case "$*" in *rollback*) exit 3 ;; esac')
    await work.replace('helm', helm(fails))
    await work.replace('kubectl', stable(digest))
    expect(await work.script('release.ts', release)).toMatchObject({ exitCode: 3 })
  })

  it('takes nothing back that was released meanwhile', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    await work.replace('helm', helm(fails))
    await work.replace('kubectl', stable(`sha256:${'b'.repeat(64)}`))
    const { exitCode, output } = await work.script('release.ts', release)
    expect(exitCode).toBe(1)
    expect(output).toContain('Release failed: barcos')
    expect(commandOf(await work.callsOf('node'))).toEqual([released])
  })

  it('is not confirmed where the cluster does not answer', async () => {
    await using work = await workspace()
    await work.replace('node', '')
    await work.replace('helm', helm(fails))
    await work.replace('kubectl', 'echo "no cluster" >&2; exit 1')
    expect(await work.script('release.ts', release)).toMatchObject({ exitCode: 3 })
  })
})

describe('the release command itself', () => {
  it.each(['release', 'rollback', 'reconcile'])('understands a %s', async (ACTION) => {
    await using work = await workspace()
    await work.replace('node', `exec '${process.execPath}' "$@"`)
    // A cluster that answers nothing: it comes as far as saying that nothing was changed.
    await work.replace('kubectl', 'echo "no cluster" >&2; exit 1')
    await work.replace('helm', helm('echo "no cluster" >&2; exit 1'))
    const variables = { ...release, ACTION, PROMETHEUS_URL: 'http://127.0.0.1:1' }
    const { exitCode, output, errors } = await work.script('release.ts', variables)
    expect({ exitCode, errors }).toEqual({ exitCode: 5, errors: expect.any(String) })
    expect(output).toContain('"event":"refused"')
    expect(errors).toContain('no cluster')
  })
})
