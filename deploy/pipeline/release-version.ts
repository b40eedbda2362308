import type { Built, Service } from './services.ts'

/** A semantic version without what may follow the patch: `[major, minor, patch]`. */
type Version = readonly [number, number, number]

const parse = (text: string): Version | null => {
  const found = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text)
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : null
}

const print = (version: Version): string => version.join('.')

const compare = (left: Version, right: Version): number =>
  left[0] - right[0] || left[1] - right[1] || left[2] - right[2]

/** The versions of a service that Git's tags (`barcos/v1.1.0`) say were released, lowest first. */
const releasedOf = (service: Built, tags: readonly string[]): Version[] =>
  tags
    .flatMap((tag) => {
      const version = tag.startsWith(`${service}/v`) ? parse(tag.slice(service.length + 2)) : null
      return version ? [version] : []
    })
    .toSorted(compare)

/** The tag of a service's newest release, `barcos/v1.1.0`, or null when nothing was released yet. */
export const newestRelease = (service: Service, tags: readonly string[]): string | null => {
  const newest = releasedOf(service, tags).at(-1)
  return newest ? `${service}/v${print(newest)}` : null
}

/**
 * The version that a change of a service becomes once it is promoted: the one of its package.json,
 * or, when that was released, the next patch of its line.
 *
 * @param tags all tags of the repository
 * @throws when package.json names no plain version, or one below its line's newest
 */
export const nextVersion = (
  service: Built,
  { manifest, tags }: { manifest: string; tags: readonly string[] },
): string => {
  const wanted = parse(manifest)
  if (!wanted) throw new Error(`${service}: "${manifest}" is no version like 1.2.3`)
  const newest = releasedOf(service, tags).findLast(
    ([major, minor]) => major === wanted[0] && minor === wanted[1],
  )
  if (!newest) return manifest
  return compare(wanted, newest) > 0 ? manifest : print([newest[0], newest[1], newest[2] + 1])
}

/**
 * Tags of an image under test: one for each attempt at a version, and one that moves along. A run that
 * is repeated builds anew, and is an attempt of its own.
 *
 * @param run number of the run, from 1
 * @param repetition how often that run was started, from 1
 */
export const canaryTags = (
  version: string,
  { run, repetition }: { run: number; repetition: number },
): [fixed: string, moving: string] => {
  for (const each of [run, repetition]) {
    if (!Number.isInteger(each) || each < 1) throw new Error(`"${each}" is no attempt`)
  }
  const [major, minor] = version.split('.')
  const attempt = repetition === 1 ? `${run}` : `${run}.${repetition}`
  return [`v${version}-canary.${attempt}`, `v${major}.${minor}-canary`]
}

/** Whether a tag is of one attempt, and so stands for one image as long as it exists. */
export const isAttempt = (tag: string): boolean => /-canary\.\d+(?:\.\d+)?$/.test(tag)

/**
 * Tags of a promoted image: its version, and those of `v1.1` and `v1` that it is the newest of. A fix
 * of an older line takes no tag away from a newer one.
 */
export const stableTags = (
  service: Service,
  { version, tags }: { version: string; tags: readonly string[] },
): string[] => {
  const promoted = parse(version)
  if (!promoted) throw new Error(`"${version}" is no version like 1.2.3`)
  const [major, minor] = promoted
  const newestOf = (line: Version[]): boolean => line.every((each) => compare(each, promoted) <= 0)
  const sameMajor = releasedOf(service, tags).filter((each) => each[0] === major)
  return [
    `v${version}`,
    ...(newestOf(sameMajor.filter((each) => each[1] === minor)) ? [`v${major}.${minor}`] : []),
    ...(newestOf(sameMajor) ? [`v${major}`] : []),
  ]
}

/** The tag that tells from which commit an image was built. */
export const revisionTag = (revision: string): string => {
  if (!/^[0-9a-f]{40}$/.test(revision)) throw new Error(`"${revision}" is no commit`)
  return `sha-${revision.slice(0, 12)}`
}
