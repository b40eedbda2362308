import type { Cluster, Image } from './cluster.ts'
import { pause } from './pause.ts'
import { type Context, type Locked, reasonOf, StepError } from './release-context.ts'
import { type ReleaseRecord, type StableRelease, writeRecord } from './release-record.ts'
import { weightShown } from './split-weight.ts'

/**
 * Brings every caller back to the release that was stable before: by helm, and where helm fails by
 * kubectl, as far as that is needed. Then makes sure that it is so. Nothing interrupts it but the end of
 * the process and the loss of the lock, after which the record still says that it is to be done; it may
 * be done again.
 *
 * @returns whether the stable release is known to serve every caller
 * @throws LockLostError
 */
export const rollBack = async (
  context: Locked,
  record: ReleaseRecord,
  why: string,
): Promise<boolean> => {
  const { cluster, report } = context
  const { settled: _settled, ...begun } = record
  report('rolling-back', `rolling back: ${why}`, { why })
  await attempt(context, 'the record could not be written', () =>
    note(context, { ...begun, state: 'unfinished', step: 'rolling back', why }),
  )
  if (record.stable === null) return uninstall(context, record, why)
  const { stable } = record
  const byHelm = await attempt(context, 'helm could not roll back', () =>
    rollBackByHelm(context, stable),
  )
  if (!byHelm) await rollBackByKubectl(context, stable)
  const serves = await attempt(context, 'the rollback is not confirmed', () =>
    assertStable(context, stable),
  )
  if (!serves) return false
  const written = await attempt(context, 'the record could not be written', async () =>
    note(context, {
      ...record,
      step: 'rolled back',
      why,
      ...(byHelm
        ? { state: 'rolled-back', settled: await settledOn(cluster, stable.image) }
        : { state: 'stabilised' }),
    }),
  )
  const how = byHelm ? '' : ' by kubectl, as helm could not; reconcile brings helm back in line'
  const name = `revision ${stable.revision}${stable.image.tag && ` (${stable.image.tag})`}`
  report('rolled-back', `rolled back to ${name}${how}, because ${why}`, { why, byHelm, ...stable })
  return written
}

/** What helm and the cluster have at the end of a release. */
export const settledOn = async (cluster: Cluster, image: Image): Promise<StableRelease> => {
  const newest = (await cluster.history()).at(-1)
  const present = await cluster.stable()
  if (!newest || !present) throw new StepError('what was installed is gone')
  return { revision: newest.revision, deploymentRevision: present.revision, image }
}

const note = ({ cluster }: Context, record: ReleaseRecord): Promise<void> =>
  writeRecord(cluster.kubectl, cluster.service, {
    ...record,
    updatedAt: new Date().toISOString(),
  })

/** Whether something succeeded; if not, why is told and what follows is still tried. */
const attempt = async (
  { report, lost }: Locked,
  otherwise: string,
  act: () => Promise<void>,
): Promise<boolean> => {
  lost.throwIfAborted()
  try {
    await act()
    return true
  } catch (error) {
    lost.throwIfAborted()
    report('trouble', `${otherwise}: ${reasonOf(error)}`, { why: reasonOf(error) })
    return false
  }
}

const rollBackByHelm = async (
  { cluster, lost }: Locked,
  { revision, image }: StableRelease,
): Promise<void> => {
  const current = (await cluster.history()).at(-1)
  const isCurrent = current?.revision === revision && current.status === 'deployed'
  if (isCurrent && (await faultsOf(cluster, image)).length === 0) return
  const installed = await cluster.installed(revision)
  // Numbers begin anew where somebody has uninstalled it.
  if (installed.canary || installed.image.digest !== image.digest) {
    throw new StepError(`revision ${revision} is not ${image.tag || image.digest} alone`)
  }
  await cluster.rollBack(revision, lost)
}

/** Each part is tried though another failed. */
const rollBackByKubectl = async (context: Locked, stable: StableRelease): Promise<void> => {
  const { cluster, lost } = context
  await attempt(context, 'the weight could not be set to 0', () => cluster.setWeightZero())
  await attempt(context, 'the canary could not be ended', () => cluster.scaleCanaryToZero())
  await attempt(context, 'the stable pods could not be brought back', async () => {
    const present = await cluster.stable()
    // Before the promotion the template is as it was, and undoing would go a version too far.
    if (present?.revision === stable.deploymentRevision) return
    await cluster.undoStable(stable.deploymentRevision, lost)
  })
}

const assertStable = async (context: Locked, stable: StableRelease): Promise<void> => {
  const { cluster, report, settings, lost } = context
  // Pods that were told to end need a moment to begin with it.
  const deadline = performance.now() + settings.weightTimeout * 1_000
  for (;;) {
    const faults = await faultsOf(cluster, stable.image)
    if (faults.length === 0) break
    if (performance.now() > deadline) throw new StepError(faults.join('; '))
    await pause(500, lost)
  }
  const { view } = await cluster
    .installed(stable.revision)
    .catch(() => ({ view: 'gateway' as const }))
  try {
    await weightShown(context, { weight: 0, view, signal: lost })
  } catch (error) {
    lost.throwIfAborted()
    // What the cluster says counts; a gateway takes it up though nobody can be asked whether it has.
    report('trouble', `not seen by every gateway: ${reasonOf(error)}`, { why: reasonOf(error) })
  }
}

/** What keeps a stable image from serving every caller, each in words; nothing when it does. */
export const faultsOf = async (cluster: Cluster, image: Image): Promise<string[]> => {
  const [weight, canaries, present] = await Promise.all([
    cluster.weight(),
    cluster.podImages('canary'),
    cluster.stable(),
  ])
  const expected = image.digest || image.tag
  return [
    ...(weight === 0 ? [] : [`the canary still gets ${weight} % of the callers`]),
    ...(canaries.length === 0 ? [] : [`${canaries.length} pods of the canary still run`]),
    ...(present === null ? ['there is no stable Deployment'] : []),
    ...(present === null || present.image.endsWith(expected)
      ? []
      : [`the stable Deployment has ${present.image}, not ${expected}`]),
  ]
}

/** Before the first installation nothing served: taking it away is going back. */
const uninstall = async (context: Locked, record: ReleaseRecord, why: string): Promise<boolean> => {
  const { cluster, report, lost } = context
  const gone = await attempt(context, 'what was installed could not be taken away', async () => {
    if ((await cluster.history()).length > 0) await cluster.uninstall(lost)
    const end = { state: 'rolled-back', step: 'taken away', settled: null } as const
    await note(context, { ...record, ...end, why })
  })
  if (gone)
    report('rolled-back', `taken away, as nothing was there before, because ${why}`, { why })
  return gone
}
