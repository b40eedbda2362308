import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import { type CertificateFolder, type CertificateSet, leastTlsVersion } from './certificates.ts'

/** How this process proves itself to others, and knows them. */
export type PeerTls = { certificates: CertificateFolder; trustDomain: string }

/** The other side has a certificate that we trust, but it is not who it should be. */
export class WrongPeerError extends Error {
  readonly code = 'ERR_TLS_WRONG_PEER'

  constructor(wanted: string, found: string | undefined) {
    super(`the certificate of ${wanted} speaks for ${found ?? 'nobody'}`)
    this.name = 'WrongPeerError'
  }
}

/** Another process, and how it is reached. */
export type Peer = {
  /** Name of the process at the other end. */
  name: string
  /** Null where processes reach each other in plain HTTP, or through a mesh. */
  tls: PeerTls | null
}

/**
 * Who a certificate speaks for is in its one URI, a SPIFFE ID, and not in host names: a process keeps
 * its identity wherever it is reached, behind a service's name, on another release's or on an
 * address. (SPIFFE X.509-SVID, 2 and 4.1)
 *
 * @param trustDomain the installation, such as `porttrack`
 * @param name the process, such as `barcos`
 */
export const peerUri = (trustDomain: string, name: string): string =>
  `spiffe://${trustDomain}/${name}`

/**
 * The name of the process that a certificate speaks for; null when it has no URI, more than one, or
 * one of another installation. Whether the certificate is to be trusted is not looked at.
 */
export const peerNameOf = (
  { subjectaltname = '' }: Partial<Pick<PeerCertificate, 'subjectaltname'>>,
  trustDomain: string,
): string | null => {
  // Node puts a value with commas or quotes into quotes: nothing of ours has them, and what
  // stands within must not be taken for a name of its own.
  if (subjectaltname.includes('"')) return null
  const uris = subjectaltname.split(', ').filter((name) => name.startsWith('URI:'))
  const prefix = `URI:${peerUri(trustDomain, '')}`
  const [uri] = uris
  return uris.length === 1 && uri?.startsWith(prefix) ? uri.slice(prefix.length) : null
}

/** @throws when TLS is wanted and the address is one of plain HTTP */
export const needSecureAddress = (origin: string, { name, tls }: Peer): void => {
  if (tls !== null && !origin.startsWith('https://')) {
    throw new Error(`with TLS_MODE=mutual ${name} needs an https address, not ${origin}`)
  }
}

/** How this process proves itself in a handshake, and whom it takes the other side for. */
export const proofOf = (
  { certificate, key, authorities }: CertificateSet,
  { name, trustDomain }: { name: string; trustDomain: string },
) =>
  ({
    cert: certificate,
    key,
    // Ours alone: no public authority may speak for a process.
    ca: authorities ?? [],
    minVersion: leastTlsVersion,
    rejectUnauthorized: true,
    checkServerIdentity: (_hostname: string, peer: PeerCertificate) =>
      peerNameOf(peer, trustDomain) === name
        ? undefined
        : new WrongPeerError(name, peer.subjectaltname),
  }) satisfies ConnectionOptions
