import { describe, expect, it, vi } from 'vitest'
import { digestOf, TestCluster } from './cluster.ts'
import { startFigures } from './figures.ts'
import { type Started, startRelease } from './release-command.ts'

const before = { tag: 'v1.0.0', digest: digestOf('a') }
const next = { tag: 'v1.1.0', digest: digestOf('b') }
const target = ['barcos', 'prod']
const version = ['--version', next.tag, '--digest', next.digest]
const quick = Object.entries({
  interval: 0.05,
  window: 0.1,
  patience: 0.2,
  verification: 0.1,
  'weight-timeout': 5,
  'helm-timeout': 20,
  'lock-duration': 30,
}).flatMap(([flag, value]) => [`--${flag}`, String(value)])
const stable = { stable: before, canary: null }
const patience = { timeout: 30_000, interval: 50 }

const setUp = async () => {
  const cleanUp = new AsyncDisposableStack()
  const cluster = cleanUp.use(await TestCluster.start(before))
  const figures = cleanUp.use(await startFigures(cluster))
  const start = (...args: string[]): Started =>
    startRelease([...quick, ...args, '--prometheus', figures.url], cluster.env)
  return {
    cluster,
    figures,
    release: (...more: string[]) => start(...target, ...version, ...more),
    reconcile: () => start('reconcile', ...target).ended,
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  }
}

type Trial = Awaited<ReturnType<typeof setUp>>

const kill = async (started: Started): Promise<void> => {
  started.kill('SIGKILL')
  await started.ended
}

/** Waits for a moment of a run. @throws when it ends before */
const comesTo = (moment: Promise<void>, { ended }: Started): Promise<void> =>
  Promise.race([
    moment,
    ended.then(({ text }) => {
      throw new Error(`it ended before:\n${text}`)
    }),
  ])

/** Starts a release and kills it in the middle of a change; what it had asked of the cluster is let go. */
const killAt = async (
  { cluster, release }: Trial,
  { part, halfway }: { part: string; halfway: boolean },
): Promise<void> => {
  const held = cluster.hold(part, { halfway })
  const started = release()
  await comesTo(held.reached, started)
  await kill(started)
  // Its helm has ended with it, and asks for nothing more.
  await vi.waitUntil(() => cluster.waiting === 0, patience)
  held.letGo()
}

const moments = [
  { what: 'the canary starts', part: 'canary.weight=0', analysed: 0, set: 0 },
  { what: '5 % are set', part: 'canary.weight=5,', analysed: 0, set: 5 },
  { what: '25 % are set', part: 'canary.weight=25', analysed: 5, set: 25 },
  { what: '50 % are set', part: 'canary.weight=50', analysed: 25, set: 50 },
  { what: 'it is promoted', part: 'canary.enabled=false --description', analysed: 50, set: 50 },
]

describe.concurrent('a release that is killed', () => {
  it.each(moments)('before $what leaves what was analysed', async ({ part, analysed }) => {
    await using trial = await setUp()
    const { cluster, reconcile } = trial
    await killAt(trial, { part, halfway: false })
    expect(cluster.shareOf(next)).toBe(analysed)
    const ended = await reconcile()
    expect(ended.code, ended.text).toBe(0)
    expect(ended.text).toContain('ended without a word')
    expect(cluster.present).toEqual(stable)
    expect(cluster.revisions.at(-1)).toMatchObject({ status: 'deployed', desired: stable })
  })

  it.each(moments)('while $what leaves no more than that', async ({ part, set }) => {
    await using trial = await setUp()
    const { cluster, figures, release } = trial
    await killAt(trial, { part, halfway: true })
    expect(cluster.shareOf(next)).toBeLessThanOrEqual(set)
    // The next run goes back first; that its own version is no better shows where to.
    figures.say({ 'success-rate': '0.9' })
    const ended = await release().ended
    expect(ended.code, ended.text).toBe(1)
    expect(ended.told.filter(({ event }) => event === 'rolled-back').length).toBe(2)
    expect(cluster.present).toEqual(stable)
  })

  it('once it is promoted is taken back all the same', async () => {
    await using trial = await setUp()
    const { cluster, release, reconcile } = trial
    const started = release('--verification', '60')
    await comesTo(started.says('is stable; watching it'), started)
    await kill(started)
    expect(cluster.shareOf(next)).toBe(100)
    const ended = await reconcile()
    expect(ended.code, ended.text).toBe(0)
    expect(cluster.present).toEqual(stable)
  })

  it('while it rolls back is finished by the next release', async () => {
    await using trial = await setUp()
    const { cluster, figures, release } = trial
    figures.say({ 'success-rate': '0.9' })
    await killAt(trial, { part: 'helm rollback', halfway: false })
    expect(cluster.shareOf(next)).toBe(5)
    figures.say({})
    const ended = await release().ended
    expect(ended.code, ended.text).toBe(0)
    expect(ended.told.map(({ event }) => event)).toContain('rolled-back')
    expect(cluster.present).toEqual({ stable: next, canary: null })
  })

  it('leaves alone what somebody has installed by hand instead', async () => {
    await using trial = await setUp()
    const { cluster, reconcile } = trial
    await killAt(trial, { part: 'canary.weight=25', halfway: false })
    const byHand = { stable: { tag: 'v1.0.9', digest: digestOf('d') }, canary: null }
    await cluster.installByHand(byHand)
    const ended = await reconcile()
    expect(ended.code, ended.text).toBe(0)
    expect(ended.text).toContain('was made by hand since, and stays')
    expect(cluster.present).toEqual(byHand)
  })
})

describe.concurrent('a release that stands still, so that another takes its lock,', () => {
  /** Its helm goes on, as nothing ends that while it stands still. */
  const standStill = async ({ cluster, release, reconcile }: Trial): Promise<Started> => {
    const held = cluster.hold('canary.weight=25')
    const started = release()
    await comesTo(held.reached, started)
    started.kill('SIGSTOP')
    const ended = await reconcile()
    expect(ended.code, ended.text).toBe(0)
    expect(cluster.present).toEqual(stable)
    held.letGo()
    await vi.waitUntil(() => cluster.weight === 25, patience)
    return started
  }

  it('is taken back again when it is killed then', async () => {
    await using trial = await setUp()
    const { cluster, reconcile } = trial
    await kill(await standStill(trial))
    const ended = await reconcile()
    expect(ended.code, ended.text).toBe(0)
    expect(ended.text).toContain('a run that had ended has made')
    expect(cluster.present).toEqual(stable)
  })

  it('goes back by itself when it goes on', async () => {
    await using trial = await setUp()
    const started = await standStill(trial)
    started.kill('SIGCONT')
    const ended = await started.ended
    expect(ended.code, ended.text).toBe(1)
    expect(ended.text).toContain('the lock was lost')
    expect(trial.cluster.present).toEqual(stable)
  })
})
