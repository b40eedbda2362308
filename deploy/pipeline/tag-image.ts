import { tagDigest } from './registry.ts'
import { variable } from './variables.ts'

/** Lets the tags of `TAGS` (separated by blanks) stand for the image `IMAGE` of digest `DIGEST`. */
await tagDigest(variable('IMAGE'), {
  digest: variable('DIGEST'),
  tags: variable('TAGS').split(' '),
})
