import { Histogram } from 'prom-client'

/** Milliseconds between two looks at the clock. */
const step = 20

/** Seconds below which nobody notices that a process stood still. */
const least = 0.05

/**
 * How long the process stood still, each time that it did: one figure for the whole process, so that every
 * registry shows the same. Unlike the delays that prom-client tells, it grows only: what happens just
 * before a scrape, or between two of another reader, is lost by nobody. And it is weighed by time: one
 * stop of ten seconds is ten seconds in which whatever arrives waits, and not one sample of a thousand.
 */
export const eventLoopStalls = new Histogram({
  name: 'nodejs_eventloop_stall_seconds',
  help: 'How long nothing in the process went on, each time that this was longer than 0.05 s; the rate of the sum is the share of time in which whatever arrives waits',
  buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  registers: [],
})

let isWatched = false

/** Measures from now on, once in a process; does not keep it alive. */
export const watchEventLoop = (): void => {
  if (isWatched) return
  isWatched = true
  let looked = performance.now()
  setInterval(() => {
    const now = performance.now()
    const stalled = (now - looked - step) / 1_000
    looked = now
    if (stalled >= least) eventLoopStalls.observe(stalled)
  }, step).unref()
}
