import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkDigest } from './registry.ts'
import { revisionTag } from './release-version.ts'
import { runCommand } from './run-command.ts'
import { variable } from './variables.ts'
import { writeOutputs } from './workflow-output.ts'

/**
 * Pushes the image that was built and scanned, an OCI layout in the folder `LAYOUT`, to `IMAGE`, byte
 * for byte, and gives its digest. It gets the tag of its commit `GITHUB_SHA` alone: a registry keeps
 * nothing that no tag names, and the tags that people read wait until it is signed.
 */
const folder = await mkdtemp(join(tmpdir(), 'push-'))
try {
  const digestFile = join(folder, 'digest')
  await runCommand(
    'skopeo',
    'copy',
    '--preserve-digests',
    `--digestfile=${digestFile}`,
    `oci:${variable('LAYOUT')}`,
    `docker://${variable('IMAGE')}:${revisionTag(variable('GITHUB_SHA'))}`,
  )
  await writeOutputs({ digest: checkDigest((await readFile(digestFile, 'utf8')).trim()) })
} finally {
  await rm(folder, { recursive: true, force: true })
}
