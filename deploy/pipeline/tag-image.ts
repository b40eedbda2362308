import { digestOf, tagDigest } from './registry.ts'
import { isAttempt } from './release-version.ts'
import { variable } from './variables.ts'

/**
 * Lets the tags of `TAGS` (separated by blanks) stand for the image `IMAGE` of digest `DIGEST`. May run
 * again; the tag of an attempt that stands for another digest is refused, since what was measured under
 * it must stay what it was.
 */
const [image, digest] = [variable('IMAGE'), variable('DIGEST')]
const tags = variable('TAGS').split(' ')
for (const tag of tags.filter(isAttempt)) {
  const known = await digestOf(image, tag)
  if (known !== null && known !== digest) {
    throw new Error(`${image}:${tag} is ${known}; start all jobs of the run again`)
  }
}
await tagDigest(image, { digest, tags })
