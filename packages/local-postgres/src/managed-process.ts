import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, renameSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { lastLines, rotateLog } from './log-files.ts'
import { identify } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

const logLimitBytes = 16 * 1024 * 1024
const logCheckMs = 10_000
const linesShown = 20

export interface ProcessSpecification {
  readonly name: string
  readonly command: string
  readonly arguments: readonly string[]
  /** All that the child gets: nothing is inherited but what finds programs and folders. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /**
   * Standard output and standard error of the child. What an earlier run wrote there is kept as
   * `<file>.1` when the process is first started: that is where it says why it crashed.
   */
  readonly logFile: string
  /** Answers whether the child can do its work; called until it says so. */
  readonly ready: () => Promise<boolean>
  readonly readyTimeoutMs: number
  /** A Node program ends when its parent does; see `end-with-parent.ts`. */
  readonly endsWithParent: boolean
  readonly stopSignal: NodeJS.Signals
  /** How long the child may take to end before it is killed. */
  readonly stopTimeoutMs: number
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Called when the child ends though nobody asked it to. */
  readonly onCrash: (crash: Crash) => void
}

export interface Crash {
  readonly name: string
  /** `exit code 1` or `signal SIGKILL`. */
  readonly how: string
  readonly logFile: string
  /** The last lines that it wrote, at most 20. */
  readonly lines: readonly string[]
}

/** A child did not become ready: `crash` tells what it last said. */
export class StartError extends Error {
  readonly crash: Crash

  constructor(crash: Crash) {
    super(`${crash.name} did not start: ${crash.how}`)
    this.name = 'StartError'
    this.crash = crash
  }
}

export interface ManagedProcess {
  readonly name: string
  readonly logFile: string
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  /** The running child with its time of start, to be told from a later process of the same id. */
  identity(): Promise<ProcessIdentity | undefined>
  /**
   * Starts the child and waits until it is ready.
   *
   * @throws StartError when it ends or stays unready for too long; it does not run then
   */
  start(): Promise<void>
  /** Kills the child without a chance to tidy up, and waits until it is gone. */
  kill(): Promise<void>
  /** Asks the child to end, kills it when it takes too long, and waits until it is gone. */
  stop(): Promise<void>
}

/** Puts a child process under control: started, watched, stopped, killed and started again. */
export function manageProcess(specification: ProcessSpecification): ManagedProcess {
  const { name, logFile } = specification
  let child: ChildProcess | undefined
  let ended: Promise<string> = Promise.resolve('not started')
  let expected = false
  let startedBefore = false
  let logWatch: NodeJS.Timeout | undefined

  function launch(): void {
    if (!startedBefore && existsSync(logFile)) renameSync(logFile, `${logFile}.1`)
    startedBefore = true
    // A child that appends goes on at the right place after its log was cut.
    const append = openSync(logFile, 'a', 0o600)
    expected = false
    try {
      const launched = spawn(
        specification.command,
        [
          ...(specification.endsWithParent
            ? ['--import', new URL('end-with-parent.ts', import.meta.url).href]
            : []),
          ...specification.arguments,
        ],
        {
          cwd: specification.directory,
          env: { ...inherited(), ...specification.environment },
          stdio: [
            'ignore',
            append,
            append,
            ...(specification.endsWithParent ? ['ipc' as const] : []),
          ],
          // Ctrl-C in a terminal goes to the whole foreground group: children outside of it are
          // stopped one after another by their parent instead of all at once by the terminal.
          detached: process.platform !== 'win32',
          ...specification.user,
        },
      )
      child = launched
      ended = new Promise((resolve) => {
        launched.once('error', (error) => {
          resolve(error.message)
        })
        launched.once('exit', (code, signal) => {
          resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`)
        })
      })
    } finally {
      closeSync(append)
    }
    const launched = child
    void ended.then(async (how) => {
      clearInterval(logWatch)
      if (child === launched) child = undefined
      if (!expected) specification.onCrash(await crash(how))
    })
    logWatch = setInterval(() => {
      void rotateLog(logFile, logLimitBytes).catch(() => undefined)
    }, logCheckMs).unref()
  }

  async function crash(how: string): Promise<Crash> {
    return { name, how, logFile, lines: await lastLines(logFile, linesShown) }
  }

  async function end(signal: NodeJS.Signals, patienceMs: number): Promise<void> {
    const running = child
    if (running === undefined) return
    expected = true
    running.kill(signal)
    const impatience = new AbortController()
    const late = sleep(patienceMs, 'late' as const, { signal: impatience.signal }).catch(() => '')
    if ((await Promise.race([ended, late])) === 'late') running.kill('SIGKILL')
    impatience.abort()
    await ended
  }

  return {
    name,
    logFile,
    get pid() {
      return child?.pid
    },
    async identity() {
      return child?.pid === undefined ? undefined : await identify(child.pid)
    },
    async start() {
      if (child !== undefined) throw new Error(`${name} runs already`)
      launch()
      // Until it is ready its end is told by the error below and nowhere else.
      expected = true
      let how: string | undefined
      void ended.then((reason) => {
        how = reason
      })
      const deadline = Date.now() + specification.readyTimeoutMs
      while (how === undefined) {
        if (await specification.ready()) {
          if (how === undefined) {
            expected = false
            return
          }
          break
        }
        if (Date.now() > deadline) {
          await end('SIGKILL', specification.stopTimeoutMs)
          how = `not ready after ${specification.readyTimeoutMs / 1000} s`
          break
        }
        await sleep(20)
      }
      throw new StartError(await crash(how))
    },
    async kill() {
      await end('SIGKILL', specification.stopTimeoutMs)
    },
    async stop() {
      await end(specification.stopSignal, specification.stopTimeoutMs)
    },
  }
}

/** Whether a URL answers 200 within a second. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) })
    await response.arrayBuffer()
    return response.status === 200
  } catch {
    return false
  }
}

function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TZ', 'LANG', 'SystemRoot']
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}
