import type { Socket } from 'node:net'
import type { Arrival } from '../ais/ingest.ts'
import type { Receiver } from './receiver.ts'
import type { Reception } from './receivers.ts'

/** A connection that says nothing for this long is given up, in milliseconds: a harbour may be quiet. */
const longestSilence = 600_000

const done = { done: true, value: undefined } as const

/**
 * Takes what comes by a connection until it ends or `signal` is aborted, and makes it durable. While
 * the database is behind nothing is read, so the sender waits.
 *
 * @returns whether anything came
 */
export const takeStream = async (
  socket: Socket,
  {
    name,
    ingest,
    metrics,
    signal,
  }: Pick<Receiver, 'name'> & Pick<Reception, 'ingest' | 'metrics'> & { signal: AbortSignal },
): Promise<boolean> => {
  let came = false
  const station = socket.remoteAddress ?? null
  const chunks: AsyncIterator<Uint8Array> = socket.iterator({ destroyOnReturn: false })
  let stop: (() => void) | null = null
  let last = false
  const onAbort = (): void => stop?.()
  signal.addEventListener('abort', onAbort)
  const arrivals: AsyncIterator<Arrival, undefined> = {
    next: async () => {
      // What has been read already is still taken.
      if (signal.aborted && (last || socket.readableLength === 0)) return done
      last = signal.aborted
      // A race with one promise for all of a stream would keep a reaction of every chunk.
      const stopped = new Promise<typeof done>((resolve) => {
        stop = () => resolve(done)
      })
      // A connection that breaks off ends what it brought, and no more.
      const chunk = chunks.next().catch(() => done)
      const next = await Promise.race([chunk, stopped])
      if (next.done === true) return done
      came = true
      return { done: false, value: { bytes: next.value, station } }
    },
  }
  metrics.receiverConnections.inc({ source: name })
  try {
    await ingest.take({
      sender: `receiver:${name}:${station}`,
      source: name,
      format: 'lines',
      arrivals,
      limit: Number.POSITIVE_INFINITY,
      silence: longestSilence,
      persistUntil: signal,
    })
    return came
  } finally {
    signal.removeEventListener('abort', onAbort)
    metrics.receiverConnections.dec({ source: name })
    socket.destroy()
  }
}
