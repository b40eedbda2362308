import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits.
 *
 * @throws the signal's reason as it is, where Node's own timer throws an error that hides it
 */
export const pause = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
  try {
    await sleep(milliseconds, undefined, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
