/** Milliseconds of a turn of the event loop that goes to answers of the database before others wait. */
const share = 5

/** When the first answer of this turn came; null while none has. */
let began: number | null = null
const waiting: (() => void)[] = []

/**
 * Goes on with what a request does with an answer of the database: at once, unless such work has had
 * its share of this turn of the event loop; then one has its turn after the other, and whatever else
 * has come in between. Answers come together, one on each connection: worked off in one go they keep
 * health checks and new requests waiting for all of them (docs/adr/0032).
 */
export const inOwnTurn = (goOn: () => void): void => {
  if (began === null) startTurn()
  if (waiting.length === 0 && performance.now() - (began ?? 0) < share) goOn()
  else waiting.push(goOn)
}

const startTurn = (): void => {
  began = performance.now()
  // Comes behind the sockets of this turn; one asked for there comes behind those of the next.
  setImmediate(endTurn)
}

const endTurn = (): void => {
  began = null
  const goOn = waiting.shift()
  if (goOn === undefined) return
  startTurn()
  goOn()
}
