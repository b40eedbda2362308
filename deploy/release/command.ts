import { spawn } from 'node:child_process'

/** A program ended with another code than 0, was ended, or could not be started. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** What it said on standard error. */
  readonly said: string

  constructor(message: string, said: string) {
    super(message)
    this.said = said
  }
}

type CommandOptions = {
  /** Written to its standard input. */
  input?: string
  /** Ends it: first asked with SIGTERM, killed when that has no effect. */
  signal?: AbortSignal
  /** Seconds that it may take. */
  timeout?: number
}

/** Milliseconds from SIGTERM to SIGKILL: helm writes down that its change was broken off. */
const grace = 20_000

/**
 * Runs a program and gives what it printed.
 *
 * It gets a process group of its own: a Ctrl-C at the terminal is for the release command, which ends
 * what it runs in good order, and not for helm in the middle of a change.
 *
 * @throws CommandError; the signal's reason when that broke it off
 */
export const run = async (
  program: string,
  args: readonly string[],
  { input = '', signal, timeout = 60 }: CommandOptions = {},
): Promise<string> => {
  signal?.throwIfAborted()
  const limit = AbortSignal.timeout(timeout * 1_000)
  const ended = signal ? AbortSignal.any([limit, signal]) : limit
  const child = spawn(program, args, { stdio: 'pipe', detached: true })
  const stop = () => {
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), grace).unref()
  }
  ended.addEventListener('abort', stop, { once: true })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  }
  // A program that ends without reading everything closes the pipe.
  child.stdin.on('error', () => undefined).end(input)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve)
    })
    if (code === 0) return output.stdout
    signal?.throwIfAborted()
    const what = `${program} ${args.find((each) => !each.startsWith('-')) ?? ''}`
    const why = limit.aborted
      ? `took longer than ${timeout} s`
      : `failed: ${output.stderr.trim().split('\n').at(-1) || `exit code ${code}`}`
    throw new CommandError(`${what} ${why}`, output.stderr)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new CommandError(`${program} is not installed`, '')
    }
    throw error
  } finally {
    ended.removeEventListener('abort', stop)
  }
}
