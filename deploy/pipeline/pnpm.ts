/** Arguments with which npx runs pnpm, in the version that images are built with too. */
export const pnpm = ['-y', 'pnpm@12.21.0'] as const
