import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { kitErrors } from '../http/errors.ts'
import { ProblemError } from '../http/problem.ts'

/** Event loop delay from which requests are refused, in milliseconds, averaged over a second. */
const longestDelay = 1_000

/** What happens so soon after listening is still the start's own work, in milliseconds. */
const settling = 2_000

/**
 * Refuses requests with 503 while the process cannot keep up. The start does not count: compiling
 * the routes blocks the event loop, and says nothing of the load.
 */
export const shedLoad = async (app: FastifyInstance): Promise<void> => {
  let settled = false
  app.addHook('onListen', async () => {
    setTimeout(() => {
      settled = true
    }, settling).unref()
  })
  await app.register(underPressure, {
    maxEventLoopDelay: longestDelay,
    exposeStatusRoute: false,
    pressureHandler: async () => {
      if (!settled) return
      throw new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '2' } })
    },
  })
}
