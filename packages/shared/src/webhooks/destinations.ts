import { lookup as lookUp } from 'node:dns/promises'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { callbackify } from 'node:util'
import { Agent, buildConnector } from 'undici'
import type { Text } from '../http/language.ts'
import { isPublicAddress, parseAllowedNetworks } from './networks.ts'
import { addressFaults, hostOf, isAddress, urlFaults } from './webhook.ts'

/** All addresses of a host name, as the machine resolves it. */
export type Resolve = (host: string) => Promise<LookupAddress[]>

const resolveAll: Resolve = (host) => lookUp(host, { all: true })

/** Refuses a connection to where webhooks may not be sent. */
export class AddressNotAllowedError extends Error {
  constructor() {
    super('the host is at an address that webhooks may not be sent to')
    this.name = 'AddressNotAllowedError'
  }
}

type DestinationOptions = {
  /** Networks and hosts, separated by commas, that may be called though they are not public. */
  allowed: string
  /** Milliseconds in which a connection must be made. */
  timeoutMs: number
  resolve?: Resolve
}

/**
 * Where webhooks may be sent: over TLS to public addresses, and to what the operator has allowed. The
 * same rule is applied when a webhook is registered, for the sake of who registers it, and to the
 * very addresses that a connection is made to, since a name may resolve to others by then.
 */
export const createDestinations = ({
  allowed,
  timeoutMs,
  resolve = resolveAll,
}: DestinationOptions) => {
  const networks = parseAllowedNetworks(allowed)

  const isPermitted = (protocol: string, host: string, address: string): boolean =>
    networks.allowsHost(host) ||
    networks.allowsAddress(address) ||
    (protocol === 'https:' && isPublicAddress(address))

  /** Answers as Node's own lookup does when it is asked for all addresses. */
  const lookupFor = (protocol: string) =>
    callbackify(async (host: string, _options: LookupOptions): Promise<LookupAddress[]> => {
      const addresses = await resolve(host)
      if (addresses.every(({ address }) => isPermitted(protocol, host, address))) return addresses
      throw new AddressNotAllowedError()
    })

  const connectors = new Map(
    ['https:', 'http:'].map((protocol) => [
      protocol,
      buildConnector({
        timeout: timeoutMs,
        // Asks for all addresses of a name.
        autoSelectFamily: true,
        lookup: lookupFor(protocol),
        allowH2: false,
      }),
    ]),
  )

  return {
    /** Connects to permitted addresses only, and follows no redirects. */
    agent: new Agent({
      connect: (options, callback) => {
        const { protocol, hostname } = options
        const connect = connectors.get(protocol)
        // Node looks up names only: an address in the URL is judged here.
        const refused = isAddress(hostname) && !isPermitted(protocol, hostname, hostname)
        if (connect && !refused) connect(options, callback)
        else callback(new AddressNotAllowedError(), null)
      },
    }),

    /** What is wrong with the address of a webhook; nothing when it may be called. */
    faultsOf: async (text: string): Promise<Text[]> => {
      const faults = urlFaults(text)
      if (faults.length > 0) return faults
      const url = new URL(text)
      const host = hostOf(url)
      const addresses = isAddress(host) ? [host] : await addressesOf(host)
      if (addresses.length === 0) return [addressFaults.unresolved]
      if (addresses.every((address) => isPermitted(url.protocol, host, address))) return []
      return addresses.every((address) => isPermitted('https:', host, address))
        ? [addressFaults.noTls]
        : [addressFaults.notAllowed]
    },
  }

  async function addressesOf(host: string): Promise<string[]> {
    try {
      return (await resolve(host)).map(({ address }) => address)
    } catch {
      return []
    }
  }
}

export type Destinations = ReturnType<typeof createDestinations>
