import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { endWithThisProcess } from './orphan-watch.ts'
import { kubectlTime } from './settings.ts'

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
  /** Seconds from SIGTERM to SIGKILL, in which helm writes down that its change was broken off. */
  grace?: number
}

/** Waits for a line on its fourth file, becomes the program then, and ends where none comes. */
const onceAllowed = 'read -r _ <&3 && exec "$@" 3<&-'

/** How a shell ends that does not find the program. */
const notFound = 127

/**
 * Runs a program and gives what it printed.
 *
 * It gets a process group of its own: a Ctrl-C at the terminal is for the release command, which ends
 * what it runs in good order, and not for helm in the middle of a change. It ends when this process is
 * killed, and does not begin before that is sure.
 *
 * @throws CommandError; the signal's reason when that broke it off
 */
export const run = async (
  program: string,
  args: readonly string[],
  { input = '', signal, timeout = kubectlTime, grace = 15 }: CommandOptions = {},
): Promise<string> => {
  signal?.throwIfAborted()
  const limit = AbortSignal.timeout(Math.ceil(timeout * 1_000))
  const ended = signal ? AbortSignal.any([limit, signal]) : limit
  const child = spawn('sh', ['-c', onceAllowed, 'sh', program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  const forget = pid === undefined ? undefined : endWithThisProcess(pid)
  let late: NodeJS.Timeout | undefined
  const stop = () => {
    child.kill('SIGTERM')
    late = setTimeout(() => killGroup(pid), grace * 1_000)
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
  const allowance = child.stdio[3] as Writable
  allowance.on('error', () => undefined).end('\n')
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve)
    })
    if (code === 0) return output.stdout
    signal?.throwIfAborted()
    if (code === notFound) throw new CommandError(`${program} is not installed`, output.stderr)
    const what = `${program} ${args.find((each) => !each.startsWith('-')) ?? ''}`
    const why = limit.aborted
      ? `took longer than ${timeout} s`
      : `failed: ${output.stderr.trim().split('\n').at(-1) || `exit code ${code}`}`
    throw new CommandError(`${what} ${why}`, output.stderr)
  } finally {
    forget?.()
    clearTimeout(late)
    ended.removeEventListener('abort', stop)
  }
}

/** Ends a program with what it has started itself. */
const killGroup = (group: number | undefined): void => {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL')
  } catch (error) {
    // It ended in this moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
