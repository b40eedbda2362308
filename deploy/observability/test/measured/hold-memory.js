// Loaded before a service. SIGWINCH, to which no service listens, fills the heap to 86 % of its limit;
// the next one lets it go.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
let held = []

const isBelow = (share) => {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return used < limit * share
}

process.on('SIGWINCH', () => {
  if (held.length > 0) {
    held = []
    collect()
    return
  }
  do {
    while (isBelow(0.86)) held.push(new Array(20_000).fill(0.5))
    // What was garbage counts no longer.
    collect()
  } while (isBelow(0.84))
})
