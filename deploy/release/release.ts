import { canaryChecks, type View, verificationChecks } from './analysis.ts'
import type { Image, Revision, Wanted } from './cluster.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type Context, type Locked, reasonOf, StepError } from './release-context.ts'
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
type Run = Locked & {
  image: Image
  stable: StableRelease
  view: View
  record: ReleaseRecord
}

/**
 * Takes an image to all callers of a service, a part of them first. Whatever fails, in whatever order,
 * the release that was stable before serves everyone at the end.
 */
export const release = (context: Context, image: Image): Promise<ExitCode> =>
  withLock(context, { afterLoss: exitCodes.notReleased }, async (locked) => {
    if (!(await finishUnfinished(locked))) return exitCodes.unsafe
    const { cluster, report } = context
    let begun: ReleaseRecord | null = null
    try {
      locked.stop.throwIfAborted()
      const found = await findStable(context)
      report('started', startedLine(context, image, found?.stable ?? null), { image, ...found })
      begun = await begin(context, image, found?.stable ?? null)
      if (found) await climb({ ...locked, ...found, image, record: begun })
      else await installFirst(locked, image)
      const settled = await settledOn(cluster, image)
      await save(context, { ...begun, state: 'promoted', step: 'done', settled })
      report('released', `${cluster.service} ${image.tag} serves every caller`, { image })
      return exitCodes.done
    } catch (error) {
      if (error instanceof LockLostError) throw error
      if (begun === null) {
        report('refused', `nothing was changed: ${reasonOf(error)}`, { why: reasonOf(error) })
        return exitCodes.notReleased
      }
      const safe = await rollBack(locked, begun, reasonOf(error))
      return safe ? exitCodes.notReleased : exitCodes.unsafe
    }
  })

/**
 * Finishes what a run left that was ended outright. While a run is under way it does nothing.
 */
export const reconcile = async (context: Context): Promise<ExitCode> => {
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
export const rollBackByHand = (context: Context, revision: number | null): Promise<ExitCode> =>
  withLock(context, { afterLoss: exitCodes.done, interrupts: true }, async (locked) => {
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

/** Tells what a release would do, by which commands, and changes nothing. */
export const plan = async (context: Context, image: Image): Promise<ExitCode> => {
  const { cluster, report, settings } = context
  const left = await findUnfinished(context)
  if (left) {
    report('plan', `first: finish the rollback to revision ${left.stable?.revision ?? 'none'}`)
  }
  const found = await findStable(context)
  const show = (what: string, wanted: Wanted) => {
    const args = cluster.upgradeArguments(wanted)
    report('plan', `${what}: helm ${args.join(' ')} --namespace ${cluster.namespace}`, { args })
  }
  if (!found) {
    show('install, as nothing is there', { stable: image, canary: null })
    return exitCodes.done
  }
  report('plan', `roll back to revision ${found.stable.revision} at any failure`, found)
  const { replicas = 1 } = (await cluster.stable()) ?? {}
  for (const weight of [0, ...steps]) {
    const canary = { ...image, weight, replicas: canaryReplicas(replicas, weight) }
    show(`canary at ${weight} %`, { stable: found.stable.image, canary })
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
 * @throws StepError when that is not one release
 */
const findStable = async ({
  cluster,
}: Context): Promise<{ stable: StableRelease; view: View } | null> => {
  const history = await cluster.history()
  if (history.length === 0) return null
  const current = history.at(-1) as Revision
  if (current.status !== 'deployed') {
    throw new StepError(
      `helm's revision ${current.revision} is "${current.status}"; put that right first, by "release rollback --revision"`,
    )
  }
  const { image, canary, view } = await cluster.installed(current.revision)
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
  const { revision: deploymentRevision } = deployment
  return { stable: { revision: current.revision, deploymentRevision, image }, view }
}

/** As many as serve such a share of the callers while stable pods serve all of them. */
const canaryReplicas = (stable: number, weight: number): number =>
  Math.max(1, Math.ceil((stable * weight) / 100))

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
  const { cluster, report, image, stable, stop } = run
  const step = `canary at ${weight} %`
  report('step', weight === 0 ? 'starting the canary, without callers' : step, { step, weight })
  await save(run, { ...run.record, step })
  const { replicas = 1 } = (await cluster.stable()) ?? {}
  const canary = { ...image, weight, replicas: canaryReplicas(replicas, weight) }
  await cluster.upgrade({ stable: stable.image, canary }, stop)
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
