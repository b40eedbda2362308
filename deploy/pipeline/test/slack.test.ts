import { describe, expect, it } from 'vitest'
import { receiver, workspace } from './script.ts'

const news = { KIND: 'promoted', SUBJECT: 'barcos', ENVIRONMENT: 'prod', VERSION: 'v1.1.0' }

describe('telling Slack', () => {
  it('posts the message', async () => {
    await using work = await workspace()
    await using slack = await receiver([200])
    const ended = await work.script('notify.ts', { ...news, SLACK_WEBHOOK_URL: slack.url })
    expect(ended).toMatchObject({ exitCode: 0, output: 'Promoted: barcos v1.1.0 in prod\n' })
    expect(slack.received.map(({ body }) => JSON.parse(body))).toEqual([
      expect.objectContaining({ text: 'Promoted: barcos v1.1.0 in prod' }),
    ])
  })

  it('tries again when Slack is away for a moment', async () => {
    await using work = await workspace()
    await using slack = await receiver([503, 200])
    await work.script('notify.ts', { ...news, SLACK_WEBHOOK_URL: slack.url })
    expect(slack.received).toHaveLength(2)
  })

  it('fails nothing when Slack stays away or refuses, and does not print its address', async () => {
    await using work = await workspace()
    await using slack = await receiver([403], 'invalid_token')
    const refused = await work.script('notify.ts', { ...news, SLACK_WEBHOOK_URL: slack.url })
    expect(refused).toMatchObject({ exitCode: 0, errors: '' })
    expect(refused.output).toContain('::warning title=Slack was not told::403 invalid_token')
    expect(slack.received).toHaveLength(1)

    const nobody = 'http://127.0.0.1:1/secret'
    const away = await work.script('notify.ts', { ...news, SLACK_WEBHOOK_URL: nobody })
    expect(away.exitCode).toBe(0)
    expect(away.output).toContain('::warning')
    expect(away.output).not.toContain('secret')
  })

  it('needs no webhook, as on a fork', async () => {
    await using work = await workspace()
    expect(await work.script('notify.ts', news)).toMatchObject({ exitCode: 0 })
  })

  it('refuses a kind that does not exist', async () => {
    await using work = await workspace()
    const { exitCode, errors } = await work.script('notify.ts', { ...news, KIND: 'party' })
    expect(exitCode).toBe(1)
    expect(errors).toContain('"party" is no kind of message')
  })
})

describe('a push that changes the infrastructure', () => {
  it('is told with its commits and files; another is not', async () => {
    await using work = await workspace()
    await using slack = await receiver([200])
    const first = await work.commit('Begin')
    await work.write('services/barcos/a.ts', '')
    const second = await work.commit('Change a service')
    const tell = (BASE: string) =>
      work.script('infrastructure-changes.ts', {
        BASE,
        GITHUB_REF_NAME: 'main',
        SLACK_WEBHOOK_URL: slack.url,
      })
    expect(await tell(first)).toMatchObject({ exitCode: 0, output: '' })

    await work.write('deploy/helm/service/values.yaml', 'replicas: 3\n')
    await work.commit('Run three replicas')
    expect(await tell(second)).toMatchObject({
      exitCode: 0,
      output: 'Infrastructure changed: main\n',
    })
    const body = slack.received[0]?.body
    expect(body).toContain('Ana: Run three replicas')
    expect(body).toContain('deploy/helm/service/values.yaml')
    expect(body).not.toContain('Change a service')
    expect(slack.received).toHaveLength(1)

    // A branch that was rewritten, or is new.
    expect((await tell('0'.repeat(40))).exitCode).toBe(0)
    expect(slack.received).toHaveLength(2)
  })
})
