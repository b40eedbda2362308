import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

/** Who is at the other end of a request, by the connection and by proxies that are believed. */
export type PeerReader = {
  /** Address of the caller. */
  addressOf(request: IncomingMessage): string
  /** `http` or `https`, as the caller sent it. */
  protocolOf(request: IncomingMessage): string
}

/**
 * Reads the peer of a request that no framework has seen, as Fastify does with `trustProxy`.
 *
 * @param proxies addresses and networks of the proxies that are believed
 */
export const peerReader = (proxies: readonly string[]): PeerReader => {
  if (proxies.length === 0) return { addressOf: remoteAddressOf, protocolOf: transportOf }
  const trusted = trustOf(proxies)
  return {
    addressOf: (request) => proxyAddr(request, trusted),
    protocolOf: (request) => {
      const told = request.headers['x-forwarded-proto']
      return told !== undefined && trusted(remoteAddressOf(request))
        ? (String(told).split(',').at(-1) ?? '').trim()
        : transportOf(request)
    },
  }
}

/**
 * Whether an address that connects is a proxy’s that is believed.
 *
 * @param proxies addresses and networks of the proxies that are believed
 */
export const trustOf = (proxies: readonly string[]): ((address: string) => boolean) => {
  if (proxies.length === 0) return () => false
  const trusted = proxyAddr.compile([...proxies])
  return (address) => trusted(address, 0)
}

const remoteAddressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? ''

const transportOf = ({ socket }: IncomingMessage): string =>
  'encrypted' in socket ? 'https' : 'http'
