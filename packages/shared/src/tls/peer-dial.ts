import { connect as connectPlainly, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectSecurely, type ConnectionOptions, createSecureContext } from 'node:tls'
import type { CertificateSet } from './certificates.ts'
import { needSecureAddress, type Peer, proofOf } from './peer-identity.ts'

/** A connection that is being made. */
export type Dialled = {
  socket: Socket
  /** The socket's event from which on it can be written to. */
  ready: 'connect' | 'secureConnect'
  /** Whether it would be made today as it was made; requests should go by no other. */
  current: () => boolean
}

/** Makes a connection whose bytes come in by `onread`; does not throw, faults are the socket's. */
export type Dial = (onread: OnReadOpts) => Dialled

/**
 * How connections to another process are made, for those who read sockets themselves. With TLS the
 * other side is judged as by `PeerPool`, by the certificates of the moment.
 *
 * @throws when the address and `tls` do not fit each other
 */
export const dialPeer = (origin: string, { name, tls }: Peer): Dial => {
  const { protocol, hostname, port } = new URL(origin)
  needSecureAddress(origin, { name, tls })
  if (tls === null && protocol !== 'http:') {
    throw new Error(`${origin} is not an address of plain HTTP`)
  }
  const host = hostname.replace(/^\[|\]$/g, '')
  const address = { host, port: Number(port || (tls === null ? '80' : '443')) }
  if (tls === null) {
    return (onread) => ({
      socket: connectPlainly({ ...address, noDelay: true, keepAlive: true, onread }),
      ready: 'connect',
      current: () => true,
    })
  }

  let made: { set: CertificateSet; options: ConnectionOptions } | null = null
  const optionsOf = (set: CertificateSet): ConnectionOptions => {
    const { checkServerIdentity, rejectUnauthorized, ...proof } = proofOf(set, {
      name,
      trustDomain: tls.trustDomain,
    })
    return {
      ...address,
      // A name of the protocol's, which addresses are not (RFC 6066 §3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: ['http/1.1'],
      // Reading keys and certificates anew for each connection would cost more than the rest of it.
      secureContext: createSecureContext(proof),
      rejectUnauthorized,
      checkServerIdentity,
    }
  }
  return (onread) => {
    const set = tls.certificates.current()
    if (made?.set !== set) made = { set, options: optionsOf(set) }
    const socket = connectSecurely({ ...made.options, onread } as ConnectionOptions)
    socket.setNoDelay(true).setKeepAlive(true)
    return { socket, ready: 'secureConnect', current: () => tls.certificates.current() === set }
  }
}
