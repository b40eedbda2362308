import type { Service } from '@porttrack/pipeline/services'
import type { Cluster } from './cluster.ts'
import type { Prometheus } from './prometheus.ts'
import type { Report } from './report.ts'
import type { Environment, Settings } from './settings.ts'

/** What one run of the release command works with. */
export type Context = {
  service: Service
  environment: Environment
  cluster: Cluster
  prometheus: Prometheus
  settings: Settings
  report: Report
  /** Who this run is: names it in the lock and in the record. */
  run: string
  /** Whether what stable pods share with a canary may change as soon as that begins. */
  changesShared: boolean
  /** Aborted when somebody ends the command. */
  interrupted: AbortSignal
}

/** What a run works with once it has the lock. */
export type Locked = Context & {
  /** Aborted when what is under way is to be broken off, and rolled back: also by whoever asks for it. */
  stop: AbortSignal
  /** Aborted when the lock is lost: then everything is somebody else's to do. */
  lost: AbortSignal
  /** The run that ended because this one asked for it; null when there was none. */
  interruptedRun: string | null
}

/** A step did not succeed: the release is to be rolled back, and this is why. */
export class StepError extends Error {
  override readonly name = 'StepError'
}

/** What is asked for cannot be done by this command, or not so: nothing is changed. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
