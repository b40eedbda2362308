import { runCommand } from './run-command.ts'

const digestPattern = /^sha256:[0-9a-f]{64}$/

/** @throws when `digest` is no SHA-256 digest */
export const checkDigest = (digest: string): string => {
  if (!digestPattern.test(digest)) throw new Error(`"${digest}" is no digest (sha256:…)`)
  return digest
}

/**
 * The digest that a tag of an image stands for, or null when there is no such tag.
 *
 * @throws when the registry cannot be asked
 */
export const digestOf = async (image: string, tag: string): Promise<string | null> => {
  try {
    const format = ['--format', '{{.Manifest.Digest}}']
    const answer = await runCommand(
      'docker',
      'buildx',
      'imagetools',
      'inspect',
      `${image}:${tag}`,
      ...format,
    )
    return checkDigest(answer)
  } catch (error) {
    if (error instanceof Error && /not found|manifest unknown/i.test(error.message)) return null
    throw error
  }
}

/** Lets tags stand for the image of a digest, without building or copying anything. */
export const tagDigest = async (
  image: string,
  { digest, tags }: { digest: string; tags: readonly string[] },
): Promise<void> => {
  const named = tags.map((tag) => `--tag=${image}:${tag}`)
  await runCommand(
    'docker',
    'buildx',
    'imagetools',
    'create',
    ...named,
    `${image}@${checkDigest(digest)}`,
  )
}
