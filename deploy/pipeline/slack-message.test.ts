import { describe, expect, it } from 'vitest'
import { kindNamed, slackMessage } from './slack-message.ts'

describe('a message to Slack', () => {
  it('says what, where and which run', () => {
    const message = slackMessage({
      kind: 'rolled-back',
      subject: 'barcos',
      environment: 'prod',
      version: 'v1.1.0-canary.3',
      detail: 'the canary answers 2 % errors',
      link: 'https://github.com/o/r/actions/runs/1',
    })
    expect(message.text).toBe('Rolled back: barcos v1.1.0-canary.3 in prod')
    expect(message.blocks.map(({ text }) => text.text)).toEqual([
      ':rewind: *Rolled back: barcos v1.1.0-canary.3 in prod*',
      'the canary answers 2 % errors',
      '<https://github.com/o/r/actions/runs/1|the run>',
    ])
  })

  it('lets no commit message mention anybody', () => {
    const { blocks } = slackMessage({
      kind: 'infrastructure',
      subject: 'main',
      detail: '<!channel> & >',
    })
    expect(blocks.at(-1)?.text.text).toBe('&lt;!channel&gt; &amp; &gt;')
  })

  it('keeps within what Slack takes', () => {
    const { blocks } = slackMessage({ kind: 'step', subject: 'barcos', detail: 'x'.repeat(10_000) })
    expect(blocks.at(-1)?.text.text).toHaveLength(2_500)
  })

  it('is of a known kind', () => {
    expect(() => kindNamed('toString')).toThrow('no kind of message')
    expect(kindNamed('promoted')).toBe('promoted')
  })
})
