import { canaryChecks, type View, verificationChecks } from './analysis.ts'
import type { Cluster, Image, Revision, Wanted } from './cluster.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { controllerOf, type Manifest, partsOf, sharedChanges } from './manifests.ts'
import { type Context, type Locked, reasonOf, RefusedError, StepError } from './release-context.ts'
import { LockedError, lockHolder, LockLostError, ReleaseLock } from './release-lock.ts'
import {
  type ReleaseRecord,
  readRecord,
  type StableRelease,
  writeRecord,
} from './release-record.ts'
import { faultsOf, rollBack, settledOn } from './rollback.ts'
import { steps } from './settings.ts'
import { weightShown } from './split-weight.ts'
import { finishUnfinished, findUnfinished } from './unfinished-release.ts'
import { watchFigures } from './watch-figures.ts'

/** A release under way. */
type Run = Locked &
  Found & {
    image: Image
    record: ReleaseRecord
  }

/** What serves before a release begins. */
type Found = {
  stable: StableRelease
  view: View
  /** What only the stable release has, and keeps until it is promoted. */
  kept: readonly Manifest[]
}

/**
 * Takes an image to all callers of a service, a part of them first. Whatever fails, in whatever order,
 * the release that was stable before serves everyone at the end.
 */
export const release = (context: Context, image: Image): Promise<ExitCode> =>
  withLock(context, { afterLoss: exitCodes.notReleased }, async (locked) => {
    if (!(await finishUnfinished(locked))) return exitCodes.unsafe
    const { cluster, report, settings } = context
    let begun: ReleaseRecord | null = null
    using limit = timeLimit(settings.releaseLimit)
    const stop = AbortSignal.any([locked.stop, limit.reached])
    try {
      stop.throwIfAborted()
      const found = await findStable(context)
      if (!found) await renderedHere(cluster, image)
      const stable = found?.stable ?? null
      report('started', startedLine(context, image, stable), { image, stable })
      begun = await begin(context, image, stable)
      if (found) await climb({ ...locked, ...found, stop, image, record: begun })
      else await installFirst({ ...locked, stop }, image)
      const settled = await settledOn(cluster, image)
      await save(context, { ...begun, state: 'promoted', step: 'done', settled })
      report('released', `${cluster.service} ${image.tag} serves every caller`, { image })
      return exitCodes.done
    } catch (error) {
      if (error instanceof LockLostError) throw error
      if (begun === null) {
        report('refused', `nothing was changed: ${reasonOf(error)}`, { why: reasonOf(error) })
        return error instanceof RefusedError ? exitCodes.usage : exitCodes.notReleased
      }
      const safe = await rollBack(locked, begun, reasonOf(error))
      return safe ? exitCodes.notReleased : exitCodes.unsafe
    }
  })

/** Aborts once a release has had all the time that it may take, so that its rollback has its own. */
const timeLimit = (seconds: number): Disposable & { reached: AbortSignal } => {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(new StepError(`it was not done within ${seconds} s, which is its limit`))
  }, seconds * 1_000)
  return { reached: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) }
}

/**
 * Finishes what a run left that was ended outright. While a run is under way it does nothing.
 */
export const reconcile = async (context: Context): Promise<ExitCode> => {
  const engine = await engineOf(context)
  if (engine !== 'native') {
    context.report('status', `nothing to finish: ${notMine(engine)}`, { engine })
    return exitCodes.done
  }
  const ended = await finish(context, exitCodes.done)
  return ended === exitCodes.locked ? exitCodes.done : ended
}

const finish = (context: Context, afterLoss: ExitCode): Promise<ExitCode> => {
  const { report, settings } = context
  // Long enough to see whether the holder is alive.
  const patient = { ...settings, lockTimeout: settings.lockDuration * 2 }
  return withLock({ ...context, settings: patient }, { afterLoss }, async (locked) => {
    if ((await findUnfinished(locked)) === null) {
      report('status', `${context.service} in ${context.environment}: nothing to finish`)
      return exitCodes.done
    }
    return (await finishUnfinished(locked)) ? exitCodes.done : exitCodes.unsafe
  })
}

/**
 * Goes back to the release that was stable before the last one, or to a revision that is named. A
 * release that is under way is asked to end, which is a rollback of its own.
 */
export const rollBackByHand = async (
  context: Context,
  revision: number | null,
): Promise<ExitCode> => {
  await requireNative(context)
  return withLock(context, { afterLoss: exitCodes.done, interrupts: true }, async (locked) => {
    const { cluster, report, service } = context
    if (revision === null && (await findUnfinished(context)) !== null) {
      return (await finishUnfinished(locked)) ? exitCodes.done : exitCodes.unsafe
    }
    const record = await readRecord(cluster.kubectl, service)
    if (
      revision === null &&
      record?.state === 'rolled-back' &&
      record.run === locked.interruptedRun
    ) {
      report(
        'status',
        `the release of ${record.image.tag} was under way, and has rolled itself back`,
      )
      return exitCodes.done
    }
    const target = await targetOf(context, record, revision)
    if (typeof target === 'string') {
      report('refused', `nothing was changed: ${target}`, { why: target })
      return exitCodes.notReleased
    }
    const begun = await begin(context, target.image, target)
    return (await rollBack(locked, begun, 'somebody asked for it'))
      ? exitCodes.done
      : exitCodes.unsafe
  })
}

/** Who moves the weight in what is installed. */
const engineOf = async ({ cluster }: Context): Promise<string> => {
  const newest = (await cluster.history()).at(-1)
  return newest === undefined ? 'native' : (await cluster.installed(newest.revision)).engine
}

/** @throws RefusedError where a controller moves the weight */
const requireNative = async (context: Context): Promise<void> => {
  const engine = await engineOf(context)
  if (engine !== 'native') throw new RefusedError(notMine(engine))
}

/** What to go back to by hand, or why there is nothing. */
const targetOf = async (
  { cluster }: Context,
  record: ReleaseRecord | null,
  named: number | null,
): Promise<StableRelease | string> => {
  const before = record?.state === 'promoted' ? record.stable : null
  const revision = named ?? before?.revision ?? null
  if (revision === null) {
    return 'no release before the present one is known; name a --revision of `helm history`'
  }
  const isKnown = (await cluster.history()).some((each) => each.revision === revision)
  if (!isKnown) return `helm knows no revision ${revision} any more`
  const { image, canary } = await cluster.installed(revision)
  if (canary) return `revision ${revision} is one of a release under way, with a canary`
  if (before?.revision === revision && before.image.digest === image.digest) return before
  if (named === null) {
    return `revision ${revision} is no longer the release before: name a --revision of \`helm history\``
  }
  const { revision: deploymentRevision = '' } = (await cluster.stable()) ?? {}
  return { revision, deploymentRevision, image }
}

/** Tells what there is, and changes nothing. */
export const status = async ({ cluster, report, service }: Context): Promise<ExitCode> => {
  const [history, weight, canaries, stable, record, lock] = await Promise.all([
    cluster.history(),
    cluster.weight(),
    cluster.podImages('canary'),
    cluster.stable(),
    readRecord(cluster.kubectl, service),
    lockHolder(cluster.kubectl, service),
  ])
  const current = history.at(-1) ?? null
  const lines = [
    `helm: ${current ? `revision ${current.revision}, ${current.status}` : 'not installed'}`,
    `stable: ${stable?.image ?? 'none'}`,
    `canary: ${canaries.length === 0 ? 'none' : `${canaries.length} pods, ${weight} % of the callers`}`,
    `last release: ${record ? `${record.image.tag}, ${record.state} (${record.step}) at ${record.updatedAt}` : 'none'}`,
    `lock: ${lock ? `${lock.holder}, seen at ${lock.renewedAt}` : 'free'}`,
  ]
  report('status', lines.join('; '), { current, weight, canaries, stable, record, lock })
  return exitCodes.done
}

/** What finishing a release comes to, and who may be at it already. */
const finishing = async (
  { cluster, service }: Context,
  { stable, why }: ReleaseRecord,
): Promise<string> => {
  const lock = await lockHolder(cluster.kubectl, service)
  const unless = lock ? `, unless ${lock.holder} is at it, seen at ${lock.renewedAt}` : ''
  return `finish the rollback to revision ${stable?.revision ?? 'none'}, because ${why}${unless}`
}

/** Tells what `reconcile` would do. */
export const planReconcile = async (context: Context): Promise<ExitCode> => {
  const engine = await engineOf(context)
  const left = engine === 'native' ? await findUnfinished(context) : null
  const nothing =
    engine === 'native' ? 'nothing to finish' : `nothing to finish: ${notMine(engine)}`
  context.report('plan', left ? await finishing(context, left) : nothing)
  return exitCodes.done
}

/** Tells what a rollback by hand would do. */
export const planRollback = async (
  context: Context,
  revision: number | null,
): Promise<ExitCode> => {
  const { cluster, report, service } = context
  await requireNative(context)
  const left = revision === null ? await findUnfinished(context) : null
  if (left) {
    report('plan', await finishing(context, left))
    return exitCodes.done
  }
  const target = await targetOf(context, await readRecord(cluster.kubectl, service), revision)
  if (typeof target === 'string') {
    report('refused', `nothing would be changed: ${target}`, { why: target })
    return exitCodes.notReleased
  }
  const { tag, digest } = target.image
  report('plan', `roll back to revision ${target.revision}: ${tag}, ${digest}`, { stable: target })
  return exitCodes.done
}

/** Tells what a release would do, by which commands, and changes nothing. */
export const plan = async (context: Context, image: Image): Promise<ExitCode> => {
  const { cluster, report, settings } = context
  const left = await findUnfinished(context)
  if (left) report('plan', `first: ${await finishing(context, left)}`)
  const found = await findStable(context)
  const show = (what: string, wanted: Wanted) => {
    const args = cluster.upgradeArguments(wanted)
    report('plan', `${what}: helm ${args.join(' ')} --namespace ${cluster.namespace}`, { args })
  }
  if (!found) {
    show('install, as nothing is there', { stable: image, canary: null })
    return exitCodes.done
  }
  const { stable, kept } = found
  report('plan', `roll back to revision ${stable.revision} at any failure`, { stable })
  const { replicas = 1 } = (await cluster.stable()) ?? {}
  for (const weight of [0, ...steps]) {
    const canary = { ...image, weight, replicas }
    show(`canary at ${weight} %`, { stable: stable.image, canary, kept })
    if (weight > 0) report('plan', `watch its figures for ${settings.window} s`)
  }
  show('promote', { stable: image, canary: null })
  report('plan', `watch all figures for ${settings.verification} s`)
  return exitCodes.done
}

type LockUse = {
  /** How the command ends when the lock was lost, and what was under way is finished all the same. */
  afterLoss: ExitCode
  /** Whether a release that has the lock is asked to end. */
  interrupts?: boolean
}

const withLock = async (
  context: Context,
  { afterLoss, interrupts = false }: LockUse,
  act: (locked: Locked) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const { cluster, settings, report, interrupted, service, run } = context
  try {
    await using lock = await ReleaseLock.acquire(cluster.kubectl, {
      service,
      holder: run,
      duration: settings.lockDuration,
      patience: settings.lockTimeout,
      interrupts,
      signal: interrupted,
      onWait: (holder) => report('waiting', `waiting for ${holder}`, { holder }),
    })
    const { lost, asked, interrupted: interruptedRun } = lock
    const stop = AbortSignal.any([interrupted, lost, asked])
    return await act({ ...context, stop, lost, interruptedRun })
  } catch (error) {
    if (error instanceof LockedError) {
      report('refused', `nothing was changed: ${error.message}`, { why: error.message })
      return exitCodes.locked
    }
    if (error instanceof LockLostError) {
      report('trouble', error.message)
      // Whoever has it begins by finishing this rollback; if nobody has, this run does.
      const anew = { ...context, interrupted: new AbortController().signal }
      const left = await finish(anew, exitCodes.done)
      return left === exitCodes.done ? afterLoss : exitCodes.unsafe
    }
    report('refused', `nothing was changed: ${reasonOf(error)}`, { why: reasonOf(error) })
    return exitCodes.notBegun
  }
}

const save = ({ cluster }: Context, record: ReleaseRecord): Promise<void> =>
  writeRecord(cluster.kubectl, cluster.service, { ...record, updatedAt: new Date().toISOString() })

const begin = async (
  context: Context,
  image: Image,
  stable: StableRelease | null,
): Promise<ReleaseRecord> => {
  const now = new Date().toISOString()
  const [state, step] = ['unfinished', 'begun'] as const
  const record = { run: context.run, state, startedAt: now, updatedAt: now, step, image, stable }
  await save(context, record)
  return record
}

const startedLine = (
  { service, environment }: Context,
  image: Image,
  stable: StableRelease | null,
) =>
  `releasing ${service} ${image.tag} in ${environment}, ${
    stable
      ? `from ${stable.image.tag || 'an image without tag'}, revision ${stable.revision}`
      : 'the first'
  }`

/**
 * What serves at present, to go back to; null before the first installation.
 *
 * @throws StepError when that is not one release; RefusedError when a release would not be the command's,
 * or would change at once what stable pods run with
 */
const findStable = async ({ cluster, changesShared }: Context): Promise<Found | null> => {
  const history = await cluster.history()
  if (history.length === 0) return null
  const current = history.at(-1) as Revision
  if (current.status !== 'deployed') {
    throw new StepError(
      `helm's revision ${current.revision} is "${current.status}"; put that right first, by "release rollback --revision"`,
    )
  }
  const { image, canary, view, engine } = await cluster.installed(current.revision)
  if (engine !== 'native') throw new RefusedError(notMine(engine))
  if (canary) {
    throw new StepError(
      `revision ${current.revision} has a canary that no release began; take it away first, by "release rollback --revision"`,
    )
  }
  const deployment = await cluster.stable()
  if (deployment === null) throw new StepError('there is no stable Deployment')
  const faults = await faultsOf(cluster, image)
  if (faults.length > 0) {
    throw new StepError(
      `${faults.join('; ')}, which helm's revision ${current.revision} does not say; put that right first`,
    )
  }
  const before = partsOf(await cluster.manifests(current.revision))
  const after = partsOf(await renderedHere(cluster, image))
  const changes = sharedChanges(before.shared, after.shared)
  if (changes.length > 0 && !changesShared) {
    throw new RefusedError(
      `the chart or its values change what stable pods share with a canary, and it may only grow: ${changes.join(', ')}; see --change-shared`,
    )
  }
  const { revision: deploymentRevision } = deployment
  return {
    stable: { revision: current.revision, deploymentRevision, image },
    view,
    kept: before.own,
  }
}

/**
 * What the chart and the values as they are now make of an image.
 *
 * @throws RefusedError where they hand the release to a controller
 */
const renderedHere = async (cluster: Cluster, image: Image): Promise<Manifest[]> => {
  const manifests = await cluster.rendered({ stable: image, canary: null })
  const controller = controllerOf(manifests)
  if (controller !== null) throw new RefusedError(notMine(controller))
  return manifests
}

const notMine = (engine: string): string =>
  `rollout.engine is ${engine}: that controller releases, and rolls back, not this command (docs/charts.md)`

const climb = async (run: Run): Promise<void> => {
  // Nobody is sent to pods that are not ready.
  await shift(run, 0)
  await requireImage(run, 'canary')
  for (const weight of steps) {
    await shift(run, weight)
    await weightShown(run, { weight, view: run.view, signal: run.stop })
    await watchFigures(run, {
      checks: canaryChecks,
      view: run.view,
      signal: run.stop,
      window: run.settings.window,
      what: `the canary at ${weight} %`,
    })
  }
  await promote(run)
  await weightShown(run, { weight: 0, view: run.view, signal: run.stop })
  await watchFigures(run, {
    checks: verificationChecks(run.service),
    view: run.view,
    signal: run.stop,
    window: run.settings.verification,
    what: 'the promoted release',
  })
}

const shift = async (run: Run, weight: number): Promise<void> => {
  const { cluster, report, image, stable, kept, stop } = run
  const step = `canary at ${weight} %`
  report('step', weight === 0 ? 'starting the canary, without callers' : step, { step, weight })
  await save(run, { ...run.record, step })
  // As many as the stable release has, at each share: so a step changes who is sent where, and no more.
  const { replicas = 1 } = (await cluster.stable()) ?? {}
  const canary = { ...image, weight, replicas }
  await cluster.upgrade({ stable: stable.image, canary, kept }, stop)
}

const promote = async (run: Run): Promise<void> => {
  const { cluster, report, image, stop } = run
  report('step', 'promoting', { step: 'promoting' })
  await save(run, { ...run.record, step: 'promoting' })
  await cluster.upgrade({ stable: image, canary: null }, stop)
  await requireImage(run, 'stable')
  report('promoted', `${image.tag} is stable; watching it`, { image })
}

/** @throws StepError when pods run another image than the one that is released */
const requireImage = async (
  { cluster, image }: Pick<Run, 'cluster' | 'image'>,
  track: 'stable' | 'canary',
): Promise<void> => {
  const images = await cluster.podImages(track)
  const others = images.filter((each) => !each.endsWith(`@${image.digest}`))
  if (images.length === 0) throw new StepError(`no pod of the ${track} runs`)
  if (others.length > 0) throw new StepError(`the ${track} runs ${others[0]}, not ${image.digest}`)
}

/** There is nothing to compare the first installation with, and nobody calls it yet. */
const installFirst = async ({ cluster, report, stop }: Locked, image: Image): Promise<void> => {
  report('step', 'installing, as nothing is there', { step: 'installing' })
  await cluster.upgrade({ stable: image, canary: null }, stop)
  await requireImage({ cluster, image }, 'stable')
}
