import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { every } from '@porttrack/shared/service/background'
import { createDatagramQueue } from './datagram-queue.ts'
import { dropsOf } from './kernel-drops.ts'
import type { Receiver } from './receiver.ts'
import type { Reception } from './receivers.ts'

/** Asked of the kernel, which gives what `net.core.rmem_max` allows, in bytes. */
const kernelBuffer = 8_388_608

/** Held here while the database is slow or away, in bytes: some minutes of a busy coast. */
const ownBuffer = 33_554_432

/** How often the kernel is asked what it dropped, in milliseconds. */
const dropsInterval = 5_000

/** Timers cannot be longer: silence is no fault of a datagram socket. */
const noLimit = 2_147_483_647

/**
 * Takes datagrams until `signal`, and then makes durable what has come. UDP cannot be held back: what
 * finds no room, in the kernel or here, is lost and counted.
 */
export const listenUdp = async (
  { name, host, port }: Receiver,
  { ingest, metrics, allows, onListening }: Reception,
  signal: AbortSignal,
): Promise<void> => {
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: kernelBuffer,
  })
  const queue = createDatagramQueue(ownBuffer)
  socket.on('message', (bytes, { address }) => {
    if (!allows(address)) metrics.receiverRefused.inc({ source: name, reason: 'network' })
    else if (!queue.push(bytes, address))
      metrics.datagramsLost.inc({ source: name, where: 'buffer' })
  })
  try {
    socket.bind(port, host)
    await once(socket, 'listening', { signal })
    onListening({ name, kind: 'udp', host, port }, socket.address().port)
    socket.on('error', () => closeQuietly(socket))
    socket.on('close', queue.end)
    const over = new AbortController()
    const counting = countDrops(socket, AbortSignal.any([signal, over.signal]), (drops) =>
      metrics.datagramsLost.inc({ source: name, where: 'kernel' }, drops),
    )
    signal.addEventListener('abort', queue.end, { once: true })
    if (signal.aborted) queue.end()
    try {
      await ingest.take({
        sender: `receiver:${name}`,
        source: name,
        format: 'lines',
        arrivals: queue,
        limit: Number.POSITIVE_INFINITY,
        silence: noLimit,
        persistUntil: signal,
      })
    } finally {
      signal.removeEventListener('abort', queue.end)
      over.abort()
      await counting
    }
  } finally {
    closeQuietly(socket)
  }
}

const closeQuietly = (socket: Socket): void => {
  try {
    socket.close()
  } catch {
    // It is closed already.
  }
}

/** Tells how many datagrams the kernel dropped, where it says so (Linux). */
const countDrops = (
  socket: Socket,
  signal: AbortSignal,
  tell: (drops: number) => void,
): Promise<void> => {
  const { port, family } = socket.address()
  const table = family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp'
  let before = 0
  return every('count drops', dropsInterval, async () => {
    const text = await readFile(table, 'latin1').catch(() => '')
    const drops = dropsOf(text, port)
    if (drops > before) tell(drops - before)
    before = drops
  }).run(signal)
}
