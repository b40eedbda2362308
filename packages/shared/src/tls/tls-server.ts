import type { Server } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { FastifyServerFactory } from 'fastify'
import type { Counter } from 'prom-client'
import type { Logger } from '../logging/logger.ts'
import { type CertificateFolder, type CertificateSet, leastTlsVersion } from './certificates.ts'
import { peerNameOf } from './peer-identity.ts'

/** Who may connect: these processes of this installation. */
export type Peers = { names: ReadonlySet<string>; trustDomain: string }

type TlsServerOptions = {
  certificates: CertificateFolder
  /** Null lets everyone connect, without a certificate. */
  admitted: Peers | null
  http: Pick<ServerOptions, 'headersTimeout' | 'connectionsCheckingInterval'>
  log: Logger
  refusals: Counter<'reason'>
}

/** What is known of a peer's certificate while its connection lasts. */
type Admission = { set: CertificateSet; ends: number }

/**
 * An HTTPS server that takes up new certificates without closing a connection. With `admitted` it
 * asks for a client certificate, and ends the connection of whoever has none that it trusts, or is
 * not on the list.
 */
export const tlsServer = ({
  certificates,
  admitted,
  http,
  log,
  refusals,
}: TlsServerOptions): { serverFactory: FastifyServerFactory; outdated: Outdated } => {
  const admissions = new WeakMap<object, Admission>()

  const refuse = (socket: TLSSocket, reason: string): void => {
    refusals.inc({ reason })
    const { subject, subjectaltname } = certificateOf(socket)
    log.warn(
      {
        'event.outcome': 'failure',
        'event.reason': reason,
        'source.ip': socket.remoteAddress,
        'tls.client.subject': subject?.CN,
        'tls.client.x509.alternative_names': subjectaltname,
      },
      'connection refused',
    )
    socket.destroy()
  }

  const serverFactory: FastifyServerFactory = (handler, options): Server => {
    const server = createServer(
      {
        ...http,
        ...contextOf(certificates.current()),
        // Who does not get on with it holds a connection no longer than by slow headers.
        ...(http.headersTimeout === undefined ? {} : { handshakeTimeout: http.headersTimeout }),
        requestCert: admitted !== null,
        // Judged below, before HTTP hears of the connection: Node would not say who was refused.
        rejectUnauthorized: false,
      },
      handler,
    )
    certificates.onChange((set) => server.setSecureContext(contextOf(set)))
    // As Fastify sets up the servers that it makes itself.
    const { keepAliveTimeout, requestTimeout, connectionTimeout } = options as ServerTimeouts
    server.keepAliveTimeout = keepAliveTimeout
    server.requestTimeout = requestTimeout
    server.setTimeout(connectionTimeout)

    // Node would answer a failed handshake as it answers a malformed request.
    server.removeAllListeners('tlsClientError')
    server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
      refuse(socket, error.code ?? 'handshake')
    })
    if (admitted !== null) {
      server.prependListener('secureConnection', (socket: TLSSocket) => {
        const fault = faultOf(socket, admitted)
        if (fault !== null) return refuse(socket, fault)
        const ends = Date.parse(socket.getPeerCertificate().valid_to)
        admissions.set(socket, { set: certificates.current(), ends })
      })
    }
    return server
  }

  return {
    serverFactory,
    outdated: (socket) => {
      const admission = admissions.get(socket)
      return (
        admission !== undefined &&
        (admission.set !== certificates.current() || admission.ends <= Date.now())
      )
    },
  }
}

/** Whether a connection would not be made today as it was made: its next answer should be its last. */
export type Outdated = (socket: object) => boolean

type ServerTimeouts = {
  keepAliveTimeout: number
  requestTimeout: number
  connectionTimeout: number
}

const contextOf = ({ certificate, key, authorities }: CertificateSet) =>
  ({
    cert: certificate,
    key,
    ...(authorities === null ? {} : { ca: authorities }),
    minVersion: leastTlsVersion,
  }) as const

/** Why a peer is not let in, or null. */
const faultOf = (socket: TLSSocket, { names, trustDomain }: Peers): string | null => {
  const certificate = certificateOf(socket)
  if (certificate.valid_to === undefined) return 'no-certificate'
  if (!socket.authorized) return String(socket.authorizationError)
  // OpenSSL does not look at the times of a resumed session's certificate again.
  if (Date.parse(certificate.valid_to) <= Date.now()) return 'CERT_HAS_EXPIRED'
  const name = peerNameOf(certificate, trustDomain)
  return name !== null && names.has(name) ? null : 'not-admitted'
}

/** Empty when the peer has shown none; Node has null in its place when the connection has broken. */
const certificateOf = (socket: TLSSocket): Partial<PeerCertificate> => {
  const certificate: PeerCertificate | null = socket.getPeerCertificate()
  return certificate ?? {}
}
