import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'vitest'

const run = promisify(execFile)

/** Runs a checker and gives what it printed; fails with its words. */
export const expectSuccess = async (program: string, ...args: string[]): Promise<string> => {
  try {
    const { stdout } = await run(program, args)
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & Record<string, string>
    return expect.fail(`${program} ${args.join(' ')}\n${stdout}${stderr || message}`)
  }
}
