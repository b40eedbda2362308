/** What can be broken off: a socket, or an answer on one. */
type Target = { destroy: (error: Error) => unknown }

let waiting: { target: Target; write: () => void }[] = []

/**
 * Writes to a socket once all that has come in by now is read. Each write wakes who waits for it, and
 * writes that follow each other wake them once, which saves a quarter of what a proxied request costs
 * (docs/adr/0031).
 */
export const writeAtTurnEnd = (target: Target, write: () => void): void => {
  // Immediates have their turn when all sockets have had theirs.
  if (waiting.push({ target, write }) === 1) setImmediate(writeAll)
}

const writeAll = (): void => {
  const all = waiting
  waiting = []
  for (const { target, write } of all) {
    try {
      write()
    } catch (error) {
      target.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }
}
