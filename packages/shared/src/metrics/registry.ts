import { collectDefaultMetrics, Registry } from 'prom-client'
import { eventLoopStalls, watchEventLoop } from './event-loop.ts'

/** A registry per app, in OpenMetrics (which carries exemplars), with the process's own figures. */
export const createRegistry = (): Registry => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
  collectDefaultMetrics({ register: registry })
  watchEventLoop()
  registry.registerMetric(eventLoopStalls)
  return registry
}
