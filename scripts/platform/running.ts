import { link, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Ports } from './ports.ts'
import { endProcess, identify, isRunning } from '@porttrack/local-postgres/process-identity'
import type { ProcessIdentity } from '@porttrack/local-postgres/process-identity'
import { readStateFile, writeStateFile } from './state-files.ts'

/** What a platform leaves in its state folder while it runs, for those who look for it. */
export interface RunningPlatform {
  readonly owner: ProcessIdentity
  readonly ports: Ports
  readonly children: readonly ProcessIdentity[]
}

/** Another process runs a platform on this state folder. */
export class AlreadyRunningError extends Error {
  readonly running: RunningPlatform

  constructor(stateDirectory: string, running: RunningPlatform) {
    super(
      `a platform already runs here (process ${running.owner.pid}, ` +
        `gateway http://127.0.0.1:${running.ports.gateway}, data in ${stateDirectory})`,
    )
    this.name = 'AlreadyRunningError'
    this.running = running
  }
}

export interface RunningClaim {
  /** Writes down which children run, so that a later start can end those left behind. */
  recordChildren(children: readonly ProcessIdentity[]): Promise<void>
  release(): Promise<void>
}

/** The platform that runs on this state folder, or undefined when none does. */
export async function findRunning(stateDirectory: string): Promise<RunningPlatform | undefined> {
  const found = await readClaim(runningFile(stateDirectory))
  return found !== undefined && (await isRunning(found.owner)) ? found : undefined
}

/**
 * Takes the state folder for this process, and ends what a killed owner left running.
 *
 * @throws AlreadyRunningError when another process has it
 */
export async function claim(stateDirectory: string, ports: Ports): Promise<RunningClaim> {
  const file = runningFile(stateDirectory)
  await mkdir(dirname(file), { recursive: true })
  const owner = await identify(process.pid)
  if (owner === undefined) throw new Error('this system does not tell when a process started')
  const mine: RunningPlatform = { owner, ports, children: [] }

  for (;;) {
    if (await createWhole(file, mine)) break
    const other = await readClaim(file)
    if (other !== undefined) {
      if (await isRunning(other.owner)) throw new AlreadyRunningError(stateDirectory, other)
      await Promise.all(
        other.children.map(async (child) => {
          await endProcess(child, { signal: 'SIGTERM', patienceMs: 5_000 })
        }),
      )
    }
    await rm(file, { force: true })
  }

  let writing = Promise.resolve()
  return {
    async recordChildren(children) {
      writing = writing.then(async () => {
        await writeStateFile(file, { ...mine, children })
      })
      await writing
    },
    async release() {
      await writing.catch(() => undefined)
      await rm(file, { force: true })
    },
  }
}

/** A claim that a power cut has damaged is nobody's: whoever made it does not run any more. */
async function readClaim(file: string): Promise<RunningPlatform | undefined> {
  return await readStateFile<RunningPlatform>(file).catch(() => undefined)
}

/** Creates the file unless it exists; nobody ever sees half of it. */
async function createWhole(file: string, value: unknown): Promise<boolean> {
  const draft = `${file}.${process.pid}`
  await writeStateFile(draft, value)
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

function runningFile(stateDirectory: string): string {
  return join(stateDirectory, 'running.json')
}
