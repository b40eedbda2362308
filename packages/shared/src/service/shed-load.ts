import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { kitErrors } from '../http/errors.ts'
import { ProblemError } from '../http/problem.ts'

/** What happens so soon after listening is still the start's own work, in milliseconds. */
const settling = 2_000

/**
 * Refuses requests with 503 while the process cannot keep up. The start does not count: compiling
 * the routes blocks the event loop, and says nothing of the load.
 *
 * @param longestDelay event loop delay from which requests are refused, in seconds, averaged over one
 */
export const shedLoad = async (app: FastifyInstance, longestDelay: number): Promise<void> => {
  let settled = false
  app.addHook('onListen', async () => {
    setTimeout(() => {
      settled = true
    }, settling).unref()
  })
  await app.register(underPressure, {
    maxEventLoopDelay: longestDelay * 1_000,
    exposeStatusRoute: false,
    pressureHandler: async (...[, , , delay]) => {
      // No sample was taken in the last second: that is not known to be too long.
      if (!settled || delay === Number.POSITIVE_INFINITY) return
      throw new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '2' } })
    },
  })
}
