import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Stretches of a list, of which each is worked off before all others who wait have their turn. While a
 * group of AIS is prepared the one before it is written: each of its statements waits for the event
 * loop.
 */
export async function* inTurns<T>(all: readonly T[], length: number): AsyncGenerator<T[]> {
  for (let n = 0; n < all.length; n += length) {
    yield all.slice(n, n + length)
    await nextTurn()
  }
}
