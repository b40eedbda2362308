import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { SenderSilentError } from '../ais/ingest.ts'
import type { Receiver } from './receiver.ts'
import type { Reception } from './receivers.ts'
import { takeStream } from './tcp-stream.ts'

/** Connections at once to one receiver. */
const mostConnections = 256

/** Takes connections until `signal`, and then makes durable what has been read of each. */
export const listenTcp = async (
  receiver: Receiver,
  { ingest, metrics, allows, onListening, log }: Reception,
  signal: AbortSignal,
): Promise<void> => {
  const { name, host, port } = receiver
  const streams = new Set<Promise<void>>()
  const server = createServer({ keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) => {
    // What the reader does not hear of is no fault: it sees the end of the stream.
    socket.on('error', () => undefined)
    if (!allows(socket.remoteAddress ?? '')) {
      metrics.receiverRefused.inc({ source: name, reason: 'network' })
      socket.destroy()
      return
    }
    const stream = takeStream(socket, { name, ingest, metrics, signal }).then(
      () => undefined,
      (error: unknown) => {
        const level = error instanceof SenderSilentError ? 'info' : 'error'
        log[level]({ err: error, 'labels.receiver': name }, 'connection given up')
      },
    )
    streams.add(stream)
    void stream.then(() => streams.delete(stream))
  })
  server.maxConnections = mostConnections
  server.on('drop', () => metrics.receiverRefused.inc({ source: name, reason: 'full' }))
  server.listen(port, host)
  await once(server, 'listening', { signal })
  onListening(receiver, (server.address() as AddressInfo).port)
  try {
    await Promise.race([
      once(server, 'error').then(([error]) => Promise.reject(error as Error)),
      aborted(signal),
    ])
  } finally {
    server.close()
    await Promise.all(streams)
  }
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}
