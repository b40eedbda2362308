import { spawn } from 'node:child_process'

type Options = {
  /** Folder to run in, where it is not this process's. */
  cwd?: string
  /** Ends the program by SIGTERM. */
  signal?: AbortSignal
}

/**
 * Runs a program, its output shown as it comes, and gives its exit code: 1 where a signal ended it.
 *
 * @throws when it is not there
 */
export const runShown = (
  program: string,
  args: readonly string[],
  { cwd, signal }: Options = {},
): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
    const end = () => void child.kill('SIGTERM')
    signal?.addEventListener('abort', end)
    child.once('error', reject).once('close', (code) => {
      signal?.removeEventListener('abort', end)
      resolve(code ?? 1)
    })
    if (signal?.aborted) end()
  })
