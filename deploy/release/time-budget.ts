import { kubectlTime, type Settings, steps } from './settings.ts'

/** Calls of helm and kubectl in a rollback that ask or write something, and wait for nothing. */
const callsOfRollback = 14

/** Seconds from the end of helm's own time to its being ended. */
export const helmMargin = 30

/** The most that a rollback takes, in seconds, whatever fails in it. */
export const rollbackTime = ({ rollbackTimeout, weightTimeout }: Settings): number =>
  // By helm, and then by kubectl; until the cluster shows it, and until every gateway does.
  2 * (rollbackTimeout + helmMargin) + 2 * weightTimeout + callsOfRollback * kubectlTime

/** The least that a release takes, in seconds: what is watched, each for its time. */
export const leastTime = ({ window, verification }: Settings): number =>
  steps.length * window + verification

/**
 * The most that the command takes, in seconds: it waits for another run, finishes what one has left,
 * releases, and rolls that back. Whoever runs it must leave it as much.
 */
export const mostTime = (settings: Settings): number =>
  settings.lockTimeout + rollbackTime(settings) + settings.releaseLimit + rollbackTime(settings)

/** Why settings go together with no release; null when they do. */
export const misfit = (settings: Settings): string | null => {
  const { releaseLimit, lockDuration } = settings
  const least = leastTime(settings)
  if (least > releaseLimit) {
    return `a release is watched for ${least} s, and may take no longer than ${releaseLimit} s (--release-limit)`
  }
  return lockDuration < 1 ? 'a lock of less than a second cannot be kept (--lock-duration)' : null
}
