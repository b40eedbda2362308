import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** @throws naming those that this machine does not have */
export const requirePrograms = async (...programs: readonly string[]): Promise<void> => {
  const present = await Promise.all(
    programs.map((program) =>
      run('/bin/sh', ['-c', 'command -v "$1"', 'sh', program]).then(
        () => true,
        () => false,
      ),
    ),
  )
  const missing = programs.filter((_, index) => !present[index])
  if (missing.length > 0) throw new Error(`it needs ${missing.join(' and ')}, not found here`)
}
