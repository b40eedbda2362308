import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../release/cli.ts', import.meta.url))

/** The release command ends so when nothing was released and the stable release serves everyone. */
export const notReleased = 1

/** It ends so when it is not certain that the stable release serves everyone. */
export const notConfirmed = 3

/** A service where it runs. */
export type Target = { service: string; environment: string }

type Wanted = Target & {
  /** Of a release. */
  image?: { tag: string; digest: string } | undefined
  /** Of a release: whether it may take away what stable pods share with a canary. */
  changesShared?: boolean
}

/** Arguments with which Node runs the release command, each action by its own. */
const argumentsOf: Readonly<Record<string, (wanted: Wanted) => string[]>> = {
  release: ({ service, environment, image, changesShared = false }) => {
    if (!image) throw new Error('a release needs an image')
    const wanted = [service, environment, `--version=${image.tag}`, `--digest=${image.digest}`]
    return changesShared ? [...wanted, '--change-shared'] : wanted
  },
  rollback: ({ service, environment }) => ['rollback', service, environment],
  reconcile: ({ service, environment }) => ['reconcile', service, environment],
}

/** @throws when `action` is none of the three */
export const releaseCommand = (action: string, wanted: Wanted): string[] => {
  const known = Object.hasOwn(argumentsOf, action) ? argumentsOf[action] : undefined
  if (!known) {
    throw new Error(`"${action}" is no action: ${Object.keys(argumentsOf).join(', ')}`)
  }
  return [program, ...known(wanted), '--json']
}
