import { pause } from './pause.ts'
import { type Context, reasonOf, StepError } from './release-context.ts'
import { type ReleaseRecord, type StableRelease, writeRecord } from './release-record.ts'
import { weightShown } from './split-weight.ts'

/**
 * Brings every caller back to the release that was stable before: by helm, and where helm fails by
 * kubectl, as far as that is needed. Then makes sure that it is so. Nothing interrupts it but the end of
 * the process, after which the record still says that it is to be done; it may be done again.
 *
 * @returns whether the stable release is known to serve every caller
 */
export const rollBack = async (
  context: Context,
  record: ReleaseRecord,
  why: string,
): Promise<boolean> => {
  const { report } = context
  report('rolling-back', `rolling back: ${why}`, { why })
  await attempt(context, 'the record could not be written', () =>
    note(context, { ...record, step: 'rolling back', why }),
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
  const state = byHelm ? 'rolled-back' : 'stabilised'
  const written = await attempt(context, 'the record could not be written', () =>
    note(context, { ...record, state, step: 'rolled back', why }),
  )
  const how = byHelm ? '' : ' by kubectl, as helm could not; reconcile brings helm back in line'
  const name = `revision ${stable.revision}${stable.image.tag && ` (${stable.image.tag})`}`
  report('rolled-back', `rolled back to ${name}${how}, because ${why}`, { why, byHelm, ...stable })
  return written
}

const note = ({ cluster }: Context, record: ReleaseRecord): Promise<void> =>
  writeRecord(cluster.kubectl, cluster.service, {
    ...record,
    updatedAt: new Date().toISOString(),
  })

/** Whether something succeeded; if not, why is told and what follows is still tried. */
const attempt = async (
  { report }: Context,
  otherwise: string,
  act: () => Promise<void>,
): Promise<boolean> => {
  try {
    await act()
    return true
  } catch (error) {
    report('trouble', `${otherwise}: ${reasonOf(error)}`, { why: reasonOf(error) })
    return false
  }
}

const rollBackByHelm = async ({ cluster }: Context, stable: StableRelease): Promise<void> => {
  const current = (await cluster.history()).at(-1)
  if (current?.revision === stable.revision && current.status === 'deployed') return
  await cluster.rollBack(stable.revision)
}

/** Each part is tried though another failed. */
const rollBackByKubectl = async (context: Context, stable: StableRelease): Promise<void> => {
  const { cluster } = context
  await attempt(context, 'the weight could not be set to 0', () => cluster.setWeightZero())
  await attempt(context, 'the canary could not be ended', () => cluster.scaleCanaryToZero())
  await attempt(context, 'the stable pods could not be brought back', async () => {
    const present = await cluster.stable()
    // Before the promotion the template is as it was, and undoing would go a version too far.
    if (present?.revision === stable.deploymentRevision) return
    await cluster.undoStable(stable.deploymentRevision)
  })
}

const assertStable = async (context: Context, stable: StableRelease): Promise<void> => {
  const { cluster, report, settings } = context
  // Pods that were told to end need a moment to begin with it.
  const deadline = performance.now() + settings.weightTimeout * 1_000
  for (;;) {
    const faults = await faultsOf(context, stable)
    if (faults.length === 0) break
    if (performance.now() > deadline) throw new StepError(faults.join('; '))
    await pause(500)
  }
  const { view } = await cluster
    .installed(stable.revision)
    .catch(() => ({ view: 'gateway' as const }))
  try {
    await weightShown(context, { weight: 0, view, signal: new AbortController().signal })
  } catch (error) {
    // What the cluster says counts; a gateway takes it up though nobody can be asked whether it has.
    report('trouble', `not seen by every gateway: ${reasonOf(error)}`, { why: reasonOf(error) })
  }
}

const faultsOf = async ({ cluster }: Context, { image }: StableRelease): Promise<string[]> => {
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
const uninstall = async (
  context: Context,
  record: ReleaseRecord,
  why: string,
): Promise<boolean> => {
  const { cluster, report } = context
  const gone = await attempt(context, 'what was installed could not be taken away', async () => {
    if ((await cluster.history()).length > 0) await cluster.uninstall()
    await note(context, { ...record, state: 'rolled-back', step: 'taken away', why })
  })
  if (gone)
    report('rolled-back', `taken away, as nothing was there before, because ${why}`, { why })
  return gone
}
