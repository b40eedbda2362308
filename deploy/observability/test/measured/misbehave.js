// Loaded before a service, which listens to neither of two signals. SIGWINCH fills the heap to 86 % of its
// limit, SIGIO has the process reckon without a pause worth the name; the next one ends it.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'

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

/** Reckons too, so that the process has a core to itself on a machine that others use. */
let helper = null

// As a computation does that yields too seldom: short enough for a scrape of half a second to get through.
const standStill = () => {
  if (helper === null) return
  const end = performance.now() + 100
  while (performance.now() < end);
  setImmediate(standStill)
}

process.on('SIGIO', () => {
  if (helper !== null) {
    void helper.terminate()
    helper = null
    return
  }
  helper = new Worker('for (;;);', { eval: true, execArgv: [] })
  standStill()
})
