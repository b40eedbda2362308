import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A process by its id and by when it started, since ids are given out again. */
export interface ProcessIdentity {
  readonly pid: number
  readonly started: string
}

/** The process that now has this id, or undefined when there is none. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const started = process.platform === 'linux' ? await startInProc(pid) : await startByPs(pid)
  return started === undefined ? undefined : { pid, started }
}

/** Whether that very process, and not a later one with its id, still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid)
  return now?.started === identity.started
}

/** The command line of a process, or undefined when there is none. */
export async function commandLine(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
    }
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout.trim()
  } catch {
    return undefined
  }
}

/**
 * The outermost npm, npx or pnpm that this process was started through, or undefined when it was
 * started without one. They pass no signal on when they are killed.
 */
export async function packageRunner(): Promise<ProcessIdentity | undefined> {
  let outermost: number | undefined
  let pid: number | undefined = process.ppid
  while (pid !== undefined && pid > 1) {
    if (/\b(npm|npx|pnpm)\b/.test((await commandLine(pid)) ?? '')) outermost = pid
    pid = await parentOf(pid)
  }
  return outermost === undefined ? undefined : await identify(outermost)
}

/**
 * Ends a process that an earlier run left behind: asks first, insists after the given time.
 * Does nothing when it has ended already.
 */
export async function endProcess(
  identity: ProcessIdentity,
  options: { signal: NodeJS.Signals; patienceMs: number },
): Promise<void> {
  const deadline = Date.now() + options.patienceMs
  if (!(await isRunning(identity))) return
  signalProcess(identity.pid, options.signal)
  while (Date.now() < deadline) {
    if (!(await isRunning(identity))) return
    await sleep(25)
  }
  signalProcess(identity.pid, 'SIGKILL')
  while (await isRunning(identity)) await sleep(25)
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function parentOf(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') return Number((await statFields(pid))?.[1] ?? 0)
  try {
    return Number((await run('ps', ['-o', 'ppid=', '-p', String(pid)])).stdout)
  } catch {
    return undefined
  }
}

/** State, parent and what follows; see proc_pid_stat(5) from its third field on. */
async function statFields(pid: number): Promise<string[] | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

async function startInProc(pid: number): Promise<string | undefined> {
  const [fields, boot] = await Promise.all([
    statFields(pid),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ])
  const [state, startTicks] = [fields?.[0], fields?.[19]]
  if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined
  return `${boot.trim()}:${startTicks}`
}

async function startByPs(pid: number): Promise<string | undefined> {
  try {
    const started = (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim()
    return started === '' ? undefined : started
  } catch {
    return undefined
  }
}
