import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Runs a program in this process's folder and gives what it printed, without the last line's end.
 *
 * @throws when it is not there or fails, with what it said
 */
export const runCommand = async (program: string, ...args: string[]): Promise<string> => {
  try {
    const { stdout } = await run(program, args, { maxBuffer: 16 * 1024 * 1024 })
    return stdout.trimEnd()
  } catch (error) {
    const { code, stderr } = error as { code?: number | string; stderr?: string }
    if (code === 'ENOENT') throw new Error(`${program} is not installed`, { cause: error })
    const why = stderr?.trim() || `exit code ${code}`
    throw new Error(`${program} ${args[0] ?? ''} failed: ${why}`, { cause: error })
  }
}
