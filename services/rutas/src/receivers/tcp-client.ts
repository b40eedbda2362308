import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pause } from '@porttrack/shared/service/pause'
import type { Receiver } from './receiver.ts'
import type { Reception } from './receivers.ts'
import { takeStream } from './tcp-stream.ts'

/** Longest wait for a connection, in milliseconds. */
const connectLimit = 10_000

/** Pause before the first attempt after one that failed, and the longest, in milliseconds. */
const pauses = { first: 500, longest: 30_000 }

/**
 * Keeps a connection to a station that serves AIS, until `signal`. Of several replicas one holds it,
 * by lease; the others wait to take over.
 */
export const connectTcp = async (
  receiver: Receiver,
  { ingest, metrics, lease, log }: Reception,
  signal: AbortSignal,
): Promise<void> => {
  const { name } = receiver
  await lease.whileHeld(name, signal, async (held) => {
    let wait = pauses.first
    while (!held.aborted) {
      try {
        const socket = await open(receiver, held)
        if (await takeStream(socket, { name, ingest, metrics, signal: held })) wait = pauses.first
        if (!held.aborted) log.info({ 'labels.receiver': name }, 'connection ended')
      } catch (error) {
        if (held.aborted) break
        log.warn({ err: error, 'labels.receiver': name }, 'no connection')
      }
      // Many that lost the same station shall not come back at one instant.
      await pause(wait * (0.5 + Math.random() / 2), held)
      wait = Math.min(wait * 2, pauses.longest)
    }
  })
}

const open = async ({ host, port }: Receiver, signal: AbortSignal): Promise<Socket> => {
  const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: 30_000 })
  try {
    await once(socket, 'connect', {
      signal: AbortSignal.any([signal, AbortSignal.timeout(connectLimit)]),
    })
  } catch (error) {
    socket.on('error', () => undefined)
    socket.destroy()
    throw error
  }
  socket.on('error', () => undefined)
  return socket
}
