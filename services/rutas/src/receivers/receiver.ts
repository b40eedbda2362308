import ipaddr from 'ipaddr.js'

/** A way by which AIS comes in without being posted. */
export type Receiver = {
  /** Source in metrics and logs. */
  name: string
  kind: 'udp' | 'tcp-listen' | 'tcp'
  /** Address to listen at, or host to connect to. */
  host: string
  port: number
}

const entryShape =
  /^([a-z0-9][a-z0-9-]{0,31})=(udp|tcp-listen|tcp):\/\/(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i

/**
 * Reads `AIS_RECEIVERS`: `name=kind://host:port`, separated by commas.
 *
 * @throws when an entry is not of that shape, or a name stands twice
 */
export const parseReceivers = (list: string): Receiver[] => {
  const receivers = entriesOf(list).map((entry) => {
    const [, name = '', kind = '', host = '', port = ''] = entryShape.exec(entry) ?? []
    // Port 0 lets the system choose, where something listens.
    if (!name || Number(port) > 65_535 || (kind === 'tcp' && Number(port) === 0)) {
      throw new Error(`AIS_RECEIVERS: ${entry} is not name=udp|tcp-listen|tcp://host:port`)
    }
    const bare = host.replace(/^\[|\]$/g, '')
    return { name, kind: kind.toLowerCase() as Receiver['kind'], host: bare, port: Number(port) }
  })
  const twice = receivers.find(({ name }, n) => receivers.findIndex((r) => r.name === name) < n)
  if (twice) throw new Error(`AIS_RECEIVERS: ${twice.name} stands twice`)
  return receivers
}

/**
 * Reads `AIS_RECEIVER_NETWORKS`.
 *
 * @returns whether an address may send
 * @throws when an entry is no network
 */
export const parseNetworks = (list: string): ((address: string) => boolean) => {
  const networks = entriesOf(list).map((entry) => {
    if (!ipaddr.isValidCIDR(entry)) {
      throw new Error(`AIS_RECEIVER_NETWORKS: ${entry} is not a network such as 10.0.0.0/8`)
    }
    return ipaddr.parseCIDR(entry)
  })
  return (text) => {
    if (!ipaddr.isValid(text)) return false
    // An IPv4 sender at a socket for both is written as one of IPv6.
    const address = ipaddr.process(text)
    return networks.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    )
  }
}

const entriesOf = (list: string): string[] =>
  list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
