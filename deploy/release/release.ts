import { canaryChecks, type View, verificationChecks } from './analysis.ts'
import type { Image, Revision, Wanted } from './cluster.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type Context, reasonOf, StepError } from './release-context.ts'
import { LockedError, lockHolder, LockLostError, ReleaseLock } from './release-lock.ts'
import {
  type ReleaseRecord,
  readRecord,
  type StableRelease,
  writeRecord,
} from './release-record.ts'
import { rollBack } from './rollback.ts'
import { steps } from './settings.ts'
import { weightShown } from './split-weight.ts'
import { watchFigures } from './watch-figures.ts'

/** A release under way. */
type Run = Context & {
  image: Image
  stable: StableRelease
  view: View
  record: ReleaseRecord
  /** Aborted when the run is interrupted or has lost its lock. */
  signal: AbortSignal
}

/**
 * Takes an image to all callers of a service, a part of them first. Whatever fails, in whatever order,
 * the release that was stable before serves everyone at the end.
 */
export const release = (context: Context, image: Image): Promise<ExitCode> =>
  withLock(context, async (signal) => {
    if (!(await finishUnfinished(context))) return exitCodes.unsafe
    const { cluster, report } = context
    let begun: ReleaseRecord | null = null
    try {
      const found = await findStable(context)
      report('started', startedLine(context, image, found?.stable ?? null), { image, ...found })
      begun = await begin(context, image, found?.stable ?? null)
      if (found) await climb({ ...context, ...found, image, signal, record: begun })
      else await installFirst(context, image, signal)
      await save(context, { ...begun, state: 'promoted', step: 'done' })
      report('released', `${cluster.service} ${image.tag} serves every caller`, { image })
      return exitCodes.done
    } catch (error) {
      if (error instanceof LockLostError) throw error
      if (begun === null) {
        report('refused', `nothing was changed: ${reasonOf(error)}`, { why: reasonOf(error) })
        return exitCodes.notReleased
      }
      const safe = await rollBack(context, begun, reasonOf(error))
      return safe ? exitCodes.notReleased : exitCodes.unsafe
    }
  })

/**
 * Finishes what a run left that was ended outright. While a run is under way it does nothing.
 */
export const reconcile = async (context: Context): Promise<ExitCode> => {
  const { report, settings } = context
  // Long enough to see whether the holder is alive.
  const patient = { ...settings, lockTimeout: settings.lockDuration * 2 }
  const underWay = await withLock({ ...context, settings: patient }, async () => {
    if ((await findUnfinished(context)) === null) {
      report('status', `${context.service} in ${context.environment}: nothing to finish`)
      return exitCodes.done
    }
    return (await finishUnfinished(context)) ? exitCodes.done : exitCodes.unsafe
  })
  return underWay === exitCodes.locked ? exitCodes.done : underWay
}

/** Goes back to the release that was stable before the last one, or to a revision that is named. */
export const rollBackByHand = (context: Context, revision: number | null): Promise<ExitCode> =>
  withLock(context, async () => {
    const { cluster, report } = context
    if (revision === null && (await findUnfinished(context)) !== null) {
      return (await finishUnfinished(context)) ? exitCodes.done : exitCodes.unsafe
    }
    const record = await readRecord(cluster.kubectl, context.service)
    const before = record?.state === 'promoted' ? record.stable : null
    const target = revision ?? before?.revision ?? null
    const known =
      target !== null && (await cluster.history()).some((each) => each.revision === target)
    if (target === null || !known) {
      const why =
        target === null
          ? 'no release before the present one is known; name a --revision of `helm history`'
          : `helm knows no revision ${target} any more`
      report('refused', `nothing was changed: ${why}`, { why })
      return exitCodes.notReleased
    }
    const { image } = await cluster.installed(target)
    const present = await cluster.stable()
    const stable = {
      revision: target,
      deploymentRevision:
        before?.revision === target ? before.deploymentRevision : (present?.revision ?? ''),
      image,
    }
    const begun = await begin(context, image, stable)
    return (await rollBack(context, begun, 'somebody asked for it'))
      ? exitCodes.done
      : exitCodes.unsafe
  })

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

const withLock = async (
  context: Context,
  act: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const { cluster, settings, report, interrupted, service, run } = context
  try {
    await using lock = await ReleaseLock.acquire(cluster.kubectl, {
      service,
      holder: run,
      duration: settings.lockDuration,
      patience: settings.lockTimeout,
      signal: interrupted,
      onWait: (holder) => report('waiting', `waiting for ${holder}`, { holder }),
    })
    return await act(AbortSignal.any([interrupted, lock.lost]))
  } catch (error) {
    if (error instanceof LockedError) {
      report('refused', `nothing was changed: ${error.message}`, { why: error.message })
      return exitCodes.locked
    }
    if (error instanceof LockLostError) {
      report('trouble', error.message)
      // Whoever has it begins by finishing this rollback; if nobody has, this run does.
      const anew = { ...context, interrupted: new AbortController().signal }
      const left = await reconcile(anew)
      return left === exitCodes.done ? exitCodes.notReleased : exitCodes.unsafe
    }
    report('refused', `nothing was changed: ${reasonOf(error)}`, { why: reasonOf(error) })
    return exitCodes.notReleased
  }
}

/**
 * What is to be rolled back first: a release that nobody finished, or one that is there again after its
 * rollback. That happens where a run was killed while its helm waited for something, and went on.
 */
const findUnfinished = async ({ cluster, service }: Context): Promise<ReleaseRecord | null> => {
  const record = await readRecord(cluster.kubectl, service)
  switch (record?.state) {
    case 'unfinished':
    case 'stabilised': {
      const { image, step, run } = record
      const why = `the release of ${image.tag} by ${run} ended without a word at "${step}"`
      return { ...record, why: record.why ?? why }
    }
    case 'rolled-back': {
      const [weight, canaries] = await Promise.all([cluster.weight(), cluster.podImages('canary')])
      const why = `the canary of ${record.image.tag} was there again after its rollback`
      return weight === 0 && canaries.length === 0 ? null : { ...record, why }
    }
    case 'promoted':
    case undefined:
      return null
  }
}

/** @returns whether the stable release serves every caller */
const finishUnfinished = async (context: Context): Promise<boolean> => {
  const record = await findUnfinished(context)
  return record === null || rollBack(context, record, record.why ?? '')
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
    await weightShown(run, { weight, view: run.view, signal: run.signal })
    await watchFigures(run, {
      checks: canaryChecks,
      view: run.view,
      signal: run.signal,
      window: run.settings.window,
      what: `the canary at ${weight} %`,
    })
  }
  await promote(run)
  await weightShown(run, { weight: 0, view: run.view, signal: run.signal })
  await watchFigures(run, {
    checks: verificationChecks(run.service),
    view: run.view,
    signal: run.signal,
    window: run.settings.verification,
    what: 'the promoted release',
  })
}

const shift = async (run: Run, weight: number): Promise<void> => {
  const { cluster, report, image, stable, signal } = run
  const step = `canary at ${weight} %`
  report('step', weight === 0 ? 'starting the canary, without callers' : step, { step, weight })
  await save(run, { ...run.record, step })
  const { replicas = 1 } = (await cluster.stable()) ?? {}
  const canary = { ...image, weight, replicas: canaryReplicas(replicas, weight) }
  await cluster.upgrade({ stable: stable.image, canary }, signal)
}

const promote = async (run: Run): Promise<void> => {
  const { cluster, report, image, signal } = run
  report('step', 'promoting', { step: 'promoting' })
  await save(run, { ...run.record, step: 'promoting' })
  await cluster.upgrade({ stable: image, canary: null }, signal)
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
const installFirst = async (context: Context, image: Image, signal: AbortSignal): Promise<void> => {
  const { cluster, report } = context
  report('step', 'installing, as nothing is there', { step: 'installing' })
  await cluster.upgrade({ stable: image, canary: null }, signal)
  await requireImage({ cluster, image }, 'stable')
}
