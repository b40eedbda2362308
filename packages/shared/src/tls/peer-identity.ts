import type { PeerCertificate } from 'node:tls'

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
