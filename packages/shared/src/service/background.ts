import { isDatabaseUnavailable } from '../database/unavailable.ts'
import type { Logger } from '../logging/logger.ts'
import type { BackgroundJob } from './define-service.ts'
import { pause } from './pause.ts'

/** Milliseconds before a job that failed is started again. */
const restartPause = 1_000

/** Keeps a job running until `signal`: one that fails is logged and started again. */
export const supervise = async (
  job: BackgroundJob,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> => {
  while (!signal.aborted) {
    try {
      await job.run(signal)
    } catch (error) {
      if (signal.aborted) return
      // A database that is away would be told each second by each job, and has its own alert.
      const level = isDatabaseUnavailable(error) ? 'warn' : 'error'
      log[level]({ err: error, 'process.name': job.name }, 'job failed, starting it again')
    }
    await pause(restartPause, signal)
  }
}

/** A job that does `work` now and then every `intervalMs`. */
export const every = (
  name: string,
  intervalMs: number,
  work: () => Promise<void>,
): BackgroundJob => ({
  name,
  run: async (signal) => {
    while (!signal.aborted) {
      await work()
      await pause(intervalMs, signal)
    }
  },
})
