import ipaddr from 'ipaddr.js'

/** Of the IPv6 space, what IANA has opened for global unicast (RFC 4291 §2.4). */
const globalUnicast = ipaddr.parseCIDR('2000::/3')

/**
 * Whether an address is one that anybody on the internet could reach. Private, loopback, link-local,
 * shared (CGNAT), multicast, documentation and reserved ranges are not, nor are the ranges of IPv6
 * that carry an IPv4 address within: mapped, 6to4, Teredo, NAT64.
 */
export const isPublicAddress = (text: string): boolean => {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.parse(text)
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || address.match(globalUnicast)
}

/** Networks and hosts inside, which an operator lets webhooks reach all the same. */
export type AllowedNetworks = {
  allowsHost: (host: string) => boolean
  allowsAddress: (address: string) => boolean
}

const hostShape = /^[a-z0-9](?:[a-z0-9-]{0,62}\.?)+$/i

/**
 * Reads a list of CIDRs, addresses and host names, separated by commas.
 *
 * @throws when an entry is none of these
 */
export const parseAllowedNetworks = (list: string): AllowedNetworks => {
  const hosts = new Set<string>()
  const networks: [ipaddr.IPv4 | ipaddr.IPv6, number][] = []
  for (const entry of list.split(',').map((each) => each.trim())) {
    if (entry === '') continue
    if (ipaddr.isValidCIDR(entry)) networks.push(ipaddr.parseCIDR(entry))
    else if (ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry)) {
      const address = ipaddr.parse(entry)
      networks.push([address, address.kind() === 'ipv4' ? 32 : 128])
    } else if (hostShape.test(entry) && !/^[\d.]+$/.test(entry)) hosts.add(entry.toLowerCase())
    else throw new Error(`WEBHOOK_ALLOWED_NETWORKS: ${entry} is neither a network nor a host`)
  }
  return {
    allowsHost: (host) => hosts.has(host.toLowerCase()),
    allowsAddress: (text) => {
      if (!ipaddr.isValid(text)) return false
      const address = ipaddr.parse(text)
      return networks.some(
        ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
      )
    },
  }
}
