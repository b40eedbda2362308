import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance } from 'fastify'
import { kitErrors } from './errors.ts'
import { ProblemError } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null when nobody said how long the caller waits, undefined in a process without a database. */
    deadline: Deadline | null | undefined
  }
}

/** When an answer must begin, by the monotonic clock; null as soon as it has begun. */
export type Deadline = { at: number | null }

/** Kept back for the way of the answer to whoever waits, in milliseconds. */
const wayBack = 50

const deadlines = new AsyncLocalStorage<Deadline | null>()

/** When what is going on must be done, by the monotonic clock; null outside of such a request. */
export const currentDeadline = (): number | null => deadlines.getStore()?.at ?? null

/** Milliseconds that are left for what is going on, 0 when none are; null without a deadline. */
export const remainingTime = (): number | null => {
  const deadline = currentDeadline()
  return deadline === null ? null : Math.max(0, deadline - performance.now())
}

/** Begins work of a request that goes on after its deadline: for others too, or as a stream. */
export const withoutDeadline = <T>(begin: () => T): T => deadlines.run(null, begin)

/**
 * Reads `x-request-deadline` (milliseconds since 1970), by which the gateway says how long the caller
 * waits for an answer to begin, once for each request. Statements that take longer are cancelled. The
 * wall clock is looked at on arrival only.
 */
export const keepDeadlines = (app: FastifyInstance): void => {
  app.decorateRequest('deadline', null)
  app.addHook('onRequest', (request, _reply, done) => {
    const given = request.headers['x-request-deadline']
    if (typeof given !== 'string' || !/^\d{13}$/.test(given)) return done()
    const left = Number(given) - Date.now() - wayBack
    if (left <= 0) return done(new ProblemError(kitErrors.DEADLINE_EXCEEDED))
    request.deadline = { at: performance.now() + left }
    deadlines.run(request.deadline, done)
  })
  app.addHook('onSend', (...[request, , payload, done]) => {
    // What is streamed may take as long as its reader does.
    if (request.deadline) request.deadline.at = null
    done(null, payload)
  })
}
