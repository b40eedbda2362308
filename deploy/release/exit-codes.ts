/** How the release command ends. `docs/release.md` tells what to do at each. */
export const exitCodes = {
  /** What was asked is done. */
  done: 0,
  /** It is not, and the release that was stable before serves every caller. */
  notReleased: 1,
  /** The command line, a setting or the chart is not one to release with; nothing was changed. */
  usage: 2,
  /** The rollback is not complete, or could not be confirmed: somebody must look at once. */
  unsafe: 3,
  /** Another run had the lock for too long; nothing was changed. */
  locked: 4,
  /** It could not begin, and does not know what serves: the cluster gave no answer. Nothing was changed. */
  notBegun: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
