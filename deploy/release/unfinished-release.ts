import { isOfARun, type Revision } from './cluster.ts'
import type { Context, Locked } from './release-context.ts'
import { type ReleaseRecord, readRecord } from './release-record.ts'
import { faultsOf, rollBack } from './rollback.ts'

/**
 * What is to be rolled back first: a release that nobody finished, or one that is over while the cluster
 * has something else than it left, be it from a helm that its ended run had started. What somebody has
 * since changed by helm is theirs, and left alone.
 *
 * @returns its record, with what to go back to and why
 */
export const findUnfinished = async (context: Context): Promise<ReleaseRecord | null> => {
  const { cluster, service } = context
  const record = await readRecord(cluster.kubectl, service)
  if (record === null) return null
  const newest = (await cluster.history()).at(-1) ?? null
  switch (record.state) {
    case 'unfinished':
    case 'stabilised': {
      if (newest !== null && (await isTakenOver(context, record, newest))) return null
      const { image, step, run } = record
      const why = `the release of ${image.tag} by ${run} ended without a word at "${step}"`
      return { ...record, why: record.why ?? why }
    }
    case 'promoted':
    case 'rolled-back': {
      const faults = await strayings(context, record, newest)
      if (faults.length === 0) return null
      const why = `since the release of ${record.image.tag} was over, ${faults.join('; ')}`
      return { ...record, stable: record.settled ?? null, why }
    }
  }
}

/** @returns whether the stable release serves every caller */
export const finishUnfinished = async (context: Locked): Promise<boolean> => {
  const record = await findUnfinished(context)
  return record === null || rollBack(context, record, record.why ?? '')
}

/** Whether somebody has installed something whole by hand over what a run had left. */
const isTakenOver = async (
  { cluster, report }: Context,
  { stable }: ReleaseRecord,
  newest: Revision,
): Promise<boolean> => {
  const { revision, status, description } = newest
  const isByHand =
    status === 'deployed' &&
    revision > (stable?.revision ?? 0) &&
    !isOfARun(newest) &&
    description !== `Rollback to ${stable?.revision}`
  if (!isByHand) return false
  const { canary, image } = await cluster.installed(revision)
  if (canary || (await faultsOf(cluster, image)).length > 0) return false
  report('status', `helm's revision ${revision} was made by hand since, and stays`, { newest })
  return true
}

/** How what there is differs from what a release has left that is over. */
const strayings = async (
  { cluster }: Context,
  { settled }: ReleaseRecord,
  newest: Revision | null,
): Promise<string[]> => {
  if (settled === undefined || newest === null) return []
  if (newest.revision !== settled?.revision) {
    return isOfARun(newest)
      ? [`a run that had ended has made helm's revision ${newest.revision}`]
      : []
  }
  return faultsOf(cluster, settled.image)
}
