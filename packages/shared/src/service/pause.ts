import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for `ms` milliseconds, or until `signal` says that there is nothing left to wait for. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
