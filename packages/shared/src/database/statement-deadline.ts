import pg from 'pg'
import { currentDeadline } from '../http/deadline.ts'

/** How often statements that run are looked at, in milliseconds. */
const lookInterval = 25

/** A statement that goes on after it was cancelled is cancelled again, in milliseconds. */
const repeatInterval = 500

/** After as many attempts the server cannot be reached, and the connection is given up. */
const mostAttempts = 3

/** The request that a statement is for has no time left; PostgreSQL’s own code for one it cancels. */
class StatementCancelledError extends Error {
  readonly code = '57014'

  constructor() {
    super('the request’s deadline has passed')
    this.name = 'StatementCancelledError'
  }
}

type Running = { statements: number; until: number; attempts: number }

const running = new Map<pg.Client, Running>()
const cancelled = new WeakSet<pg.ClientBase>()
let looking: NodeJS.Timeout | undefined

/** These end a transaction that has run out of time, and its locks with it. */
const ending = /^\s*(?:COMMIT|ROLLBACK)\b/i

/**
 * The deadline that a statement must keep, if any.
 *
 * @throws StatementCancelledError when it has passed already
 */
export const statementDeadline = (text: string): number | null => {
  const deadline = currentDeadline()
  if (deadline === null || ending.test(text)) return null
  if (deadline <= performance.now()) throw new StatementCancelledError()
  return deadline
}

/**
 * Has a statement cancelled that runs on `client` at `deadline`. Costs no timer and no round trip: all
 * that run are looked at together.
 *
 * @returns to be called when the statement has ended
 */
export const watchStatement = (client: pg.Client, deadline: number): (() => void) => {
  const known = running.get(client) ?? { statements: 0, until: deadline, attempts: 0 }
  running.set(client, known)
  known.statements += 1
  looking ??= setInterval(cancelOverdue, lookInterval)
  return () => {
    known.statements -= 1
    if (known.statements > 0) return
    running.delete(client)
    if (running.size > 0) return
    clearInterval(looking)
    looking = undefined
  }
}

/**
 * Takes connections out of `pool` on which a statement was cancelled: the server may get to it when
 * another request's statement runs there.
 */
export const discardCancelled = (pool: pg.Pool): void => {
  pool.on('release', (_error, client) => {
    // The pool lets go of a client that is ending.
    if (cancelled.has(client)) void client.end()
  })
}

const cancelOverdue = (): void => {
  const now = performance.now()
  for (const [client, each] of running) {
    if (each.until > now) continue
    each.until = now + repeatInterval
    each.attempts += 1
    cancelled.add(client)
    if (each.attempts > mostAttempts) (client as Cancellable).connection.stream.destroy()
    else cancel(client)
  }
}

/** What node-postgres has for cancelling, and its types leave out. */
type CancelConnection = pg.Connection & {
  connect: (port: number | string, host?: string) => void
  requestSsl: () => void
  cancel: (processId: number, secretKey: number) => void
}
type Cancellable = pg.Client & {
  processID: number
  secretKey: number
  ssl: boolean | object
  connection: pg.Connection & { sslNegotiation?: string }
}

/** Asks the server to end what runs on `client`, on a connection of its own, as PostgreSQL has it. */
const cancel = (client: pg.Client): void => {
  const { host, port, ssl, processID, secretKey, connection } = client as Cancellable
  const { sslNegotiation = 'postgres' } = connection
  const own = new pg.Connection({ ssl, sslNegotiation } as pg.ConnectionConfig) as CancelConnection
  const send = () => own.cancel(processID, secretKey)
  // The server answers nothing and closes. Should it not be reached, it is asked again.
  own.on('error', () => own.stream.destroy())
  setTimeout(() => own.stream.destroy(), repeatInterval).unref()
  own.on('connect', () => {
    if (!ssl) send()
    else if (sslNegotiation !== 'direct') own.requestSsl()
  })
  own.on('sslconnect', send)
  if (host.startsWith('/')) own.connect(`${host}/.s.PGSQL.${port}`)
  else own.connect(port, host)
}
