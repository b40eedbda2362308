import type { Logger } from '@porttrack/shared/logging/logger'
import type { BackgroundJob } from '@porttrack/shared/service/define-service'
import type { Ingest } from '../ais/ingest.ts'
import type { RutasMetrics } from '../metrics.ts'
import type { LinkLease } from './link-lease.store.ts'
import { parseNetworks, parseReceivers, type Receiver } from './receiver.ts'
import { connectTcp } from './tcp-client.ts'
import { listenTcp } from './tcp-server.ts'
import { listenUdp } from './udp.ts'

/** What receivers of every kind work with. */
export type Reception = {
  ingest: Ingest
  metrics: RutasMetrics
  log: Logger
  /** Whether an address may send. */
  allows: (address: string) => boolean
  /** Says where a receiver listens. */
  onListening: (receiver: Receiver, port: number) => void
  lease: LinkLease
}

type ReceiversOptions = Omit<Reception, 'allows' | 'onListening'> & {
  /** `AIS_RECEIVERS` */
  list: string
  /** `AIS_RECEIVER_NETWORKS` */
  networks: string
}

const runs = { udp: listenUdp, 'tcp-listen': listenTcp, tcp: connectTcp }

/**
 * The receivers of the settings, each a job. When a job ends, what it had read is durable.
 *
 * @throws when the settings cannot be read
 */
export const openReceivers = ({ list, networks, ...others }: ReceiversOptions) => {
  const receivers = parseReceivers(list)
  const ports = new Map<string, number>()
  const reception: Reception = {
    ...others,
    allows: parseNetworks(networks),
    onListening: (receiver, port) => {
      ports.set(receiver.name, port)
      const { name, kind, host } = receiver
      others.log.info(
        {
          'labels.receiver': name,
          'labels.kind': kind,
          'server.address': host,
          'server.port': port,
        },
        'receiver listens',
      )
    },
  }
  return {
    /** Where receivers listen, by name. */
    ports: ports as ReadonlyMap<string, number>,
    jobs: receivers.map((receiver): BackgroundJob => ({
      name: `receive ${receiver.name}`,
      run: (signal) => runs[receiver.kind](receiver, reception, signal),
    })),
  }
}
