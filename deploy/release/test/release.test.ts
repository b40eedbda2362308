import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf, TestCluster } from './cluster.ts'
import { type Figures, startFigures } from './figures.ts'
import { type Ended, type Started, startRelease } from './release-command.ts'

const before = { tag: 'v1.0.0', digest: digestOf('a') }
const next = { tag: 'v1.1.0', digest: digestOf('b') }
const target = ['barcos', 'prod']
const version = ['--version', next.tag, '--digest', next.digest]
/** The steps as they are, watched for a moment each. */
const quick = Object.entries({
  interval: 0.05,
  window: 0.1,
  patience: 0.2,
  verification: 0.1,
  'weight-timeout': 2,
  'helm-timeout': 20,
  'lock-duration': 30,
}).flatMap(([flag, value]) => [`--${flag}`, String(value)])

let cluster: TestCluster
let figures: Figures
beforeEach(async () => {
  cluster = await TestCluster.start(before)
  figures = await startFigures(cluster)
})
afterEach(async () => {
  await figures[Symbol.asyncDispose]()
  await cluster[Symbol.asyncDispose]()
})

const start = (...args: string[]): Started =>
  startRelease([...quick, ...args, '--prometheus', figures.url], cluster.env)

const release = (...more: string[]): Promise<Ended> => start(...target, ...version, ...more).ended
const reconcile = (): Promise<Ended> => start('reconcile', ...target).ended

/** Weights in the order that helm was asked for them. */
const weights = (): number[] =>
  cluster.calls.flatMap((call) => {
    const found = /canary\.weight=(\d+)/.exec(call)
    return found ? [Number(found[1])] : []
  })

const why = ({ told }: Ended): unknown =>
  told.findLast(({ event }) => event === 'rolled-back')?.['why']

const expectStable = () => expect(cluster.present).toEqual({ stable: before, canary: null })

describe('a release', () => {
  it('takes the new version to more and more callers, then to all of them', async () => {
    const { code, told, text } = await release()
    expect(code, text).toBe(0)
    expect(weights()).toEqual([0, 5, 25, 50])
    expect(cluster.present).toEqual({ stable: next, canary: null })
    expect(told.map(({ event }) => event)).toContain('promoted')
    expect(told.at(-1)).toMatchObject({
      service: 'barcos',
      environment: 'prod',
      event: 'released',
      message: 'barcos v1.1.0 serves every caller',
    })
  })

  it('is the first where nothing is installed, and takes itself away when it fails', async () => {
    await using empty = await TestCluster.start(null)
    const first = () =>
      startRelease([...target, ...version, ...quick, '--prometheus', figures.url], empty.env).ended
    empty.fail('upgrade barcos', { once: true })
    expect((await first()).code).toBe(1)
    expect(empty.present).toBeNull()
    expect((await first()).code).toBe(0)
    expect(empty.present).toEqual({ stable: next, canary: null })
  })

  it('tells beforehand what it would do, and changes nothing', async () => {
    const { code, told } = await release('--dry-run')
    expect(code).toBe(0)
    expect(told.filter(({ message }) => message.includes('helm upgrade')).length).toBe(5)
    expect(
      cluster.calls.filter((call) => !/^(?:helm (?:history|get|template)|kubectl get)/.test(call)),
    ).toEqual([])
    expectStable()
  })

  it.each([
    [['barcos'], 'one service and one environment'],
    [['barcos', 'moon', ...version], '"moon" is no environment'],
    [['ships', 'prod', ...version], '"ships" is no service'],
    [['barcos', 'prod', '--version', '1.0', '--digest', next.digest], '--version "1.0"'],
    [['barcos', 'prod', '--version', 'v1.0.0', '--digest', 'latest'], '--digest "latest"'],
    [['barcos', 'prod', ...version, '--window', 'long'], '--window "long"'],
    [['barcos', 'prod', ...version, '--window', '3000'], 'a release is watched for 9300 s'],
    [['barcos', 'prod', ...version, '--shout'], "'--shout'"],
    [['barcos', 'prod'], '--version is missing'],
    [['barcos', 'prod', '--version', 'v1.0.0'], '--digest is missing'],
    [['barcos', 'prod', ...version, '--helm-timeout', '99999999'], 'of at most 604800'],
    [['barcos', 'prod', ...version, '--revision', '3'], '--revision is for rollback'],
    [['rollback', 'barcos', 'prod', ...version], '--version is for release'],
    [['reconcile', 'barcos', 'prod', '--revision', '3'], '--revision is for rollback'],
  ])('refuses %j', async (args, fault) => {
    const { code, text } = await startRelease([...args, '--prometheus', figures.url], cluster.env)
      .ended
    expect(code).toBe(2)
    expect(text).toContain(fault)
    expect(cluster.calls).toEqual([])
  })
})

describe('a release goes back to what was stable', () => {
  it.each([
    ['the canary cannot start', 'canary.weight=0'],
    ['5 % cannot be set', 'canary.weight=5,'],
    ['25 % cannot be set', 'canary.weight=25'],
    ['50 % cannot be set', 'canary.weight=50'],
    ['it cannot be promoted', 'canary.enabled=false --description'],
  ])('when %s', async (_what, part) => {
    cluster.fail(part, { once: true, message: 'Error: timed out waiting' })
    const ended = await release()
    expect(ended.code, ended.text).toBe(1)
    expect(why(ended)).toContain('timed out waiting')
    expect(cluster.revisions.at(-1)).toMatchObject({ status: 'deployed' })
    expectStable()
  })

  it.each([
    ['errors', { 'success-rate': '0.98' }, 'success-rate 98 % (at least 99 %)'],
    ['more errors than before', { 'error-difference': '0.006' }, 'error-difference 0.6 %'],
    ['slow answers', { p99: '1.2' }, 'p99 1.2 s (at most 1 s)'],
    ['slower answers', { 'mean-ratio': '1.5' }, 'mean-ratio 1.5 × (at most 1.25 ×)'],
    ['a busy event loop', { 'event-loop-lag': '0.4' }, 'event-loop-lag 0.4 s'],
    ['a restart', { restarts: '1' }, 'restarts 1 (at most 0)'],
    ['no traffic', { requests: '0' }, 'inconclusive: requests 0 (at least 500)'],
    ['no series of requests', { requests: null }, 'inconclusive: requests has no value'],
    ['NaN', { 'mean-ratio': 'NaN' }, 'mean-ratio has no value'],
    ['an infinite ratio', { 'p99-ratio': '+Inf' }, 'p99-ratio infinite'],
    ['a series that is missing', { 'event-loop-lag': null }, 'event-loop-lag has no value'],
  ])('on %s', async (_what, figure, reason) => {
    figures.say(figure)
    const ended = await release()
    expect(ended.code, ended.text).toBe(1)
    expect(why(ended)).toContain(reason)
    expect(Math.max(...weights())).toBe(5)
    expectStable()
  })

  it('when Prometheus cannot be asked', async () => {
    const started = start(...target, ...version)
    await started.says('canary at 5 %: passed')
    figures.down = true
    const ended = await started.ended
    expect(ended.code).toBe(1)
    expect(why(ended)).toMatch(/Prometheus .* gives no answer|do not show/)
    expectStable()
  })

  it('when it takes longer than it may, which leaves the rollback its own time', async () => {
    figures.say({ requests: '3' })
    const ended = await release('--patience', '600', '--release-limit', '5')
    expect(ended.code, ended.text).toBe(1)
    expect(why(ended)).toBe('it was not done within 5 s, which is its limit')
    expectStable()
  })

  it('when one gateway does not take the weight up', async () => {
    figures.behind = ['gateway-2']
    const ended = await release()
    expect(ended.code).toBe(1)
    expect(why(ended)).toContain('1 of 2 gateways do not show 5 %: gateway-2')
    expectStable()
  })

  it('when the promoted release shows what a canary cannot', async () => {
    figures.say({ 'consumer-lag': '300' })
    const ended = await release()
    expect(ended.code).toBe(1)
    expect(why(ended)).toContain('consumer-lag 300 s (at most 60 s)')
    expectStable()
  })

  it('only where it must prove itself: test goes on without proof', async () => {
    figures.say({ requests: '3' })
    const ended = await startRelease(
      ['barcos', 'test', ...version, ...quick, '--prometheus', figures.url],
      cluster.env,
    ).ended
    expect(ended.code, ended.text).toBe(0)
    expect(ended.text).toContain('goes on without proof')
  })
})

describe('when helm cannot roll back', () => {
  it('takes the canary away by kubectl, and leaves the stable pods that are as they were', async () => {
    figures.say({ 'success-rate': '0.9' })
    cluster.fail('helm rollback')
    const template = cluster.template
    const ended = await release()
    expect(ended.code, ended.text).toBe(1)
    expectStable()
    expect(cluster.template).toBe(template)
    expect(cluster.calls.filter((call) => call.includes('rollout undo'))).toEqual([])

    // helm is brought in line by whoever comes next.
    cluster.mend()
    expect((await reconcile()).code).toBe(0)
    expect(cluster.revisions.at(-1)).toMatchObject({
      status: 'deployed',
      desired: { canary: null },
    })
  })

  it('brings back stable pods that were promoted', async () => {
    figures.say({ 'consumer-lag': '300' })
    cluster.fail('helm rollback')
    const ended = await release()
    expect(ended.code, ended.text).toBe(1)
    expect(cluster.calls.some((call) => call.includes('--to-revision=1'))).toBe(true)
    expectStable()
  })

  it('says so when nothing helps, and the next run finishes it', async () => {
    figures.say({ 'success-rate': '0.9' })
    cluster.fail('helm rollback')
    cluster.fail('kubectl patch')
    cluster.fail('kubectl scale')
    const started = start(...target, ...version)
    await started.says('the canary could not be ended')
    cluster.fail('kubectl get pods')
    const ended = await started.ended
    expect(ended.code, ended.text).toBe(3)
    expect(cluster.weight).toBe(5)

    cluster.mend()
    figures.say({})
    const again = await release()
    expect(again.code, again.text).toBe(0)
    expect(again.text).toContain('rolled back to revision 1 (v1.0.0)')
    expect(cluster.present).toEqual({ stable: next, canary: null })
  })
})

describe('a release that is ended', () => {
  it.each([
    ['while the canary starts', 'canary.weight=0'],
    ['while 5 % are set', 'canary.weight=5,'],
    ['while 25 % are set', 'canary.weight=25'],
    ['while 50 % are set', 'canary.weight=50'],
    ['while it is promoted', 'canary.enabled=false --description'],
  ] as const)('goes back at once on SIGTERM %s', async (_when, part) => {
    const held = cluster.hold(part)
    const started = start(...target, ...version)
    await held.reached
    started.kill('SIGTERM')
    const ended = await started.ended
    held.letGo()
    expect(ended.code, ended.text).toBe(1)
    expect(why(ended)).toBe('it was interrupted by SIGTERM')
    expectStable()
  })
})

describe('two at once', () => {
  it('the second waits for the first', async () => {
    const held = cluster.hold('canary.weight=25')
    const first = start(...target, ...version)
    await held.reached
    const second = start(...target, '--version', 'v1.2.0', '--digest', digestOf('c'))
    await second.says('waiting for')
    const calls = cluster.calls.filter((call) => call.includes('v1.2.0'))
    held.letGo()
    expect([(await first.ended).code, (await second.ended).code]).toEqual([0, 0])
    expect(calls).toEqual([])
    expect(cluster.present?.stable.tag).toBe('v1.2.0')
  })

  it('the second gives up after its patience, and reconcile leaves the first alone', async () => {
    const held = cluster.hold('canary.weight=25')
    const first = start(...target, ...version)
    await held.reached
    const patient = start('reconcile', ...target, '--lock-duration', '3')
    const [second, third] = await Promise.all([release('--lock-timeout', '0.5'), patient.ended])
    expect(second.code, second.text).toBe(4)
    expect(third.code, third.text).toBe(0)
    expect(cluster.weight).toBe(5)
    held.letGo()
    expect((await first.ended).code).toBe(0)
  })
})

describe('a cluster that does not answer', () => {
  it.each([[['reconcile']], [['rollback']], [[]]])(
    'says that nothing is known: %j',
    async (action) => {
      cluster.fail('kubectl', { message: 'no route to host' })
      const more = action.length === 0 ? version : []
      const ended = await start(...action, ...target, ...more).ended
      expect(ended.code, ended.text).toBe(5)
      expect(ended.text).toContain('no route to host')
    },
  )
})

describe('a lock', () => {
  it('is renewed while a step takes its time', async () => {
    const held = cluster.hold('canary.weight=25')
    const started = start(...target, ...version, '--lock-duration', '20')
    await Promise.race([held.reached, started.ended])
    const writes = () => cluster.calls.filter((call) => call.startsWith('kubectl replace')).length
    const before = writes()
    await expect.poll(writes).toBeGreaterThan(before + 1)
    held.letGo()
    const ended = await started.ended
    expect(ended.code, ended.text).toBe(0)
    expect(ended.text).not.toContain('lock')
  })
})

describe('a lock that is lost', () => {
  it('ends the release, and is taken anew for the rollback', async () => {
    const held = cluster.hold('canary.weight=25')
    const started = start(...target, ...version, '--lock-duration', '20')
    await Promise.race([held.reached, started.ended])
    cluster.fail('kubectl replace')
    await started.says('the lock was lost')
    cluster.mend()
    const ended = await started.ended
    held.letGo()
    expect(ended.code, ended.text).toBe(1)
    expect(why(ended)).toContain('ended without a word')
    expectStable()
  })

  it('that cannot be had again leaves the rollback to others, and says so', async () => {
    const held = cluster.hold('canary.weight=25')
    const started = start(...target, ...version, '--lock-duration', '20')
    await Promise.race([held.reached, started.ended])
    cluster.fail('kubectl replace')
    const ended = await started.ended
    held.letGo()
    expect(ended.code, ended.text).toBe(3)
    cluster.mend()
    expect((await reconcile()).code).toBe(0)
    expectStable()
  })
})

describe('a changed chart or value', () => {
  it('is a canary’s first, and everybody’s once that is promoted', async () => {
    cluster.chart = { ...cluster.chart, logLevel: 'debug', mayCall: ['postgres', 'valkey'] }
    const template = cluster.template
    const promotion = cluster.hold('--set canary.enabled=false --description')
    const started = start(...target, ...version)
    await promotion.reached
    expect([cluster.logLevelOf('stable'), cluster.logLevelOf('canary')]).toEqual(['info', 'debug'])
    expect(cluster.template).toBe(template)
    promotion.letGo()
    const ended = await started.ended
    expect(ended.code, ended.text).toBe(0)
    expect([cluster.logLevelOf('stable'), cluster.logLevelOf('canary')]).toEqual([
      'debug',
      undefined,
    ])
  })

  it('goes with the canary that is rolled back', async () => {
    cluster.chart = { ...cluster.chart, logLevel: 'debug' }
    const template = cluster.template
    figures.say({ 'success-rate': '0.9' })
    cluster.fail('helm rollback')
    const ended = await release()
    expect(ended.code, ended.text).toBe(1)
    expect(cluster.logLevelOf('stable')).toBe('info')
    expect(cluster.template).toBe(template)
  })

  it('that stable pods would share at once may only grow, unless that is asked for', async () => {
    cluster.chart = { ...cluster.chart, mayCall: ['valkey'] }
    for (const more of [[], ['--dry-run']]) {
      const refused = await release(...more)
      expect(refused.text).toContain('NetworkPolicy barcos (spec.egress); see --change-shared')
      expect(refused.code).toBe(2)
    }
    expect(weights()).toEqual([])
    const ended = await release('--change-shared')
    expect(ended.code, ended.text).toBe(0)
  })
})

describe.each(['argo', 'flagger'])('a service that %s releases', (engine) => {
  it('is left to it', async () => {
    cluster.chart = { ...cluster.chart, engine }
    const revisions = cluster.revisions.length
    const [released, back, reconciled] = [
      await release(),
      await start('rollback', ...target).ended,
      await reconcile(),
    ]
    expect([released.code, back.code, reconciled.code]).toEqual([2, 2, 0])
    for (const { text } of [released, back, reconciled]) {
      expect(text).toContain(`rollout.engine is ${engine}: that controller releases`)
    }
    expect(cluster.revisions.length).toBe(revisions)
  })

  it('is refused before its first installation', async () => {
    await using empty = await TestCluster.start(null)
    empty.chart = { ...empty.chart, engine }
    const args = [...target, ...version, ...quick, '--prometheus', figures.url]
    const ended = await startRelease(args, empty.env).ended
    expect(ended.code, ended.text).toBe(2)
    expect(empty.present).toBeNull()
  })
})

describe('what somebody has done by hand since', () => {
  const other = { tag: 'v1.0.9', digest: digestOf('d') }

  it.each([
    ['another version', { stable: other, canary: null }],
    ['a canary', { stable: before, canary: { ...other, weight: 5, replicas: 1 } }],
  ])('with helm after a release that was rolled back stays: %s', async (_what, desired) => {
    figures.say({ 'success-rate': '0.9' })
    expect((await release()).code).toBe(1)
    await cluster.installByHand(desired)
    const ended = await reconcile()
    expect(ended.code, ended.text).toBe(0)
    expect(cluster.present).toEqual(desired)
  })

  it('with helm stays where the first release was taken away', async () => {
    await using empty = await TestCluster.start(null)
    empty.fail('upgrade barcos', { once: true })
    const run = (...args: string[]) =>
      startRelease([...args, ...quick, '--prometheus', figures.url], empty.env).ended
    expect((await run(...target, ...version)).code).toBe(1)
    const desired = { stable: before, canary: { ...other, weight: 5, replicas: 1 } }
    await empty.installByHand(desired)
    const ended = await run('reconcile', ...target)
    expect(ended.code, ended.text).toBe(0)
    expect(empty.present).toEqual(desired)
  })

  it.each([
    ['after a promotion', {}, next],
    ['after a rollback', { 'success-rate': '0.9' }, before],
  ])('without helm is set right %s', async (_when, figure, left) => {
    figures.say(figure)
    await release()
    await cluster.changeByHand({ stable: other, canary: null })
    const ended = await reconcile()
    expect(ended.code, ended.text).toBe(0)
    expect(why(ended)).toContain(`the stable Deployment has registry/image:v1.0.9@${other.digest}`)
    expect(cluster.present).toEqual({ stable: left, canary: null })
    expect((await reconcile()).text).toContain('nothing to finish')
  })

  it('keeps a release from beginning on something else than helm knows', async () => {
    await cluster.changeByHand({ stable: other, canary: null })
    const ended = await release()
    expect(ended.code, ended.text).toBe(1)
    expect(ended.text).toContain("which helm's revision 1 does not say")
    expect(weights()).toEqual([])
  })
})

describe('by hand', () => {
  it.each([
    ['while 25 % are watched', 'canary.weight=25'],
    ['while it is promoted', 'canary.enabled=false --description'],
  ])('a rollback ends a release that is under way: %s', async (_when, part) => {
    const held = cluster.hold(part)
    const first = start(...target, ...version)
    await held.reached
    const waiting = start(...target, '--version', 'v1.2.0', '--digest', digestOf('c'))
    await waiting.says('waiting for')
    waiting.kill('SIGTERM')
    expect((await waiting.ended).code).toBe(5)
    const back = await start('rollback', ...target).ended
    expect(back.code, back.text).toBe(0)
    expect(back.text).toContain('was under way, and has rolled itself back')
    const ended = await first.ended
    held.letGo()
    expect(ended.code, ended.text).toBe(1)
    expect(why(ended)).toContain('asked for a rollback')
    expectStable()
  })

  it('a rollback to a canary is refused', async () => {
    await release()
    const back = await start('rollback', ...target, '--revision', '3').ended
    expect(back.code, back.text).toBe(1)
    expect(back.text).toContain('revision 3 is one of a release under way')
  })

  it('goes back to the release before, once', async () => {
    await release()
    const back = await start('rollback', ...target).ended
    expect(back.code, back.text).toBe(0)
    expectStable()
    const again = await start('rollback', ...target).ended
    expect(again.code).toBe(1)
    expect(again.text).toContain('no release before the present one is known')
  })

  it('tells beforehand where it would go back to, and changes nothing', async () => {
    await release()
    const { present } = cluster
    const dry = (...args: string[]) => start('rollback', ...target, '--dry-run', ...args).ended
    const back = await dry()
    expect(back.code, back.text).toBe(0)
    expect(back.text).toContain(`roll back to revision 1: ${before.tag}`)
    expect((await dry('--revision', '99')).text).toContain('helm knows no revision 99')
    const nothing = await start('reconcile', ...target, '--dry-run').ended
    expect(nothing.text).toContain('nothing to finish')
    expect(cluster.present).toEqual(present)
  })

  it('goes back to a revision that is named', async () => {
    await release()
    const back = await start('rollback', ...target, '--revision', '1').ended
    expect(back.code, back.text).toBe(0)
    expectStable()
    expect((await start('rollback', ...target, '--revision', '99').ended).code).toBe(1)
  })

  it('tells what there is', async () => {
    const { code, told } = await start('status', ...target).ended
    expect(code).toBe(0)
    expect(told[0]?.message).toContain('helm: revision 1, deployed')
    expect(told[0]?.message).toContain('lock: free')
    cluster.fail('kubectl get', { message: 'no route to host' })
    const blind = await start('status', ...target).ended
    expect(blind.code).toBe(5)
    expect(blind.text).toContain('nothing was changed: kubectl get failed: no route to host')
  })
})
