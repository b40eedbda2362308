import { createPrivateKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Gauge } from 'prom-client'
import type { Logger } from '../logging/logger.ts'
import { WatchedFiles } from '../service/watched-file.ts'

/** Oldest version of TLS that is spoken. */
export const leastTlsVersion = 'TLSv1.2'

/** What a process proves itself with, and whom it trusts; all of it in PEM. */
export type CertificateSet = {
  certificate: string
  key: string
  /** Certificates of the authorities that peers' certificates must come from. */
  authorities: string | null
  /** When the certificate ends, milliseconds since 1970. */
  ends: number
}

/** How often the files are looked at, in milliseconds. */
const lookInterval = 1_000

type CertificateFolderOptions = {
  /** What the certificate is for, in log and metric. */
  use: 'peers' | 'public'
  log: Logger
  remaining: Gauge<'use'>
}

/**
 * The certificate, key and authorities in a folder as Kubernetes and cert-manager lay it out:
 * `tls.crt`, `tls.key` and, for peers, `ca.crt`. They are looked at each second; a new set that is
 * broken, half written, out of its time or does not belong together leaves the old one in use.
 */
export class CertificateFolder {
  readonly #files: WatchedFiles<CertificateSet>
  readonly #listeners = new Set<(set: CertificateSet) => void>()
  readonly #watching: NodeJS.Timeout
  readonly #options: CertificateFolderOptions
  #current: CertificateSet

  /** @throws when the files cannot be used at the start */
  constructor(directory: string, options: CertificateFolderOptions) {
    const names = ['tls.crt', 'tls.key', ...(options.use === 'peers' ? ['ca.crt'] : [])]
    this.#options = options
    this.#files = new WatchedFiles(
      names.map((name) => join(directory, name)),
      {
        parse: (texts) => certificateSetOf(texts, directory),
        onFault: (error) =>
          options.log.error(
            { err: error, 'file.directory': directory },
            'certificate not usable, the one before stays in use',
          ),
      },
    )
    this.#current = this.#files.current()
    this.#measure()
    this.#watching = setInterval(() => this.#look(), lookInterval)
    this.#watching.unref()
  }

  /** The same object until there is a new certificate. */
  current(): CertificateSet {
    return this.#current
  }

  /** Calls `listener` with each new set. */
  onChange(listener: (set: CertificateSet) => void): void {
    this.#listeners.add(listener)
  }

  close(): void {
    clearInterval(this.#watching)
  }

  #look(): void {
    const set = this.#files.current()
    if (set !== this.#current) {
      this.#current = set
      for (const listener of this.#listeners) listener(set)
      const { log, use } = this.#options
      log.info(
        { 'labels.use': use, 'tls.server.not_after': new Date(set.ends).toISOString() },
        'new certificate in use',
      )
    }
    this.#measure()
  }

  #measure(): void {
    const { remaining, use } = this.#options
    remaining.set({ use }, (this.#current.ends - Date.now()) / 1_000)
  }
}

/** @throws naming what is wrong; no text is quoted, since one of them is the key */
const certificateSetOf = (
  [certificate = '', key = '', authorities]: readonly string[],
  directory: string,
): CertificateSet => {
  const file = (name: string) => join(directory, name)
  const [own] = certificatesOf(certificate, file('tls.crt'))
  if (!own?.checkPrivateKey(privateKeyOf(key, file('tls.key')))) {
    throw new Error(`${file('tls.key')} is not the key of ${file('tls.crt')}`)
  }
  const [begins, ends] = [own.validFromDate.getTime(), own.validToDate.getTime()]
  const now = Date.now()
  if (now < begins) throw new Error(`${file('tls.crt')} is not valid before ${own.validFrom}`)
  if (now >= ends) throw new Error(`${file('tls.crt')} has expired on ${own.validTo}`)
  if (authorities !== undefined) certificatesOf(authorities, file('ca.crt'))
  // Whatever else OpenSSL has against them, such as a key that is too short, it says here.
  createSecureContext({ cert: certificate, key, ca: authorities, minVersion: leastTlsVersion })
  return { certificate, key, authorities: authorities ?? null, ends }
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const certificatesOf = (text: string, path: string): X509Certificate[] => {
  const blocks = text.match(block) ?? []
  // A file that is half written ends within a certificate.
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN ').length - 1) {
    throw new Error(`${path} does not hold whole certificates (PEM)`)
  }
  try {
    return blocks.map((each) => new X509Certificate(each))
  } catch (error) {
    throw new Error(`${path} holds what is no certificate`, { cause: error })
  }
}

const privateKeyOf = (text: string, path: string) => {
  try {
    return createPrivateKey(text)
  } catch {
    throw new Error(`${path} is not a whole private key (PEM)`)
  }
}
