import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CertificateAuthority,
  type CertificateRequest,
  type IssuedCertificate,
} from '@porttrack/local-certificates/certificate-authority'
import { writeCertificateFiles } from '@porttrack/local-certificates/certificate-files'
import { peerUri } from '../tls/peer-identity.ts'

type Issue = Partial<Omit<CertificateRequest, 'name'>> & { authority?: CertificateAuthority }

/** The certificates of processes in a test, each in a folder of its own, and who issues them. */
export class PeerCertificates {
  readonly authority: CertificateAuthority
  readonly #directory = mkdtempSync(join(tmpdir(), 'porttrack-certificates-'))

  private constructor(authority: CertificateAuthority) {
    this.authority = authority
  }

  /** With certificates for the processes named. */
  static async create(...names: string[]): Promise<PeerCertificates> {
    const certificates = new PeerCertificates(await CertificateAuthority.create('tests'))
    await Promise.all(names.map((name) => certificates.renew(name)))
    return certificates
  }

  /** Settings of a process that uses its folder. */
  env(name: string): Record<string, string> {
    return { TLS_MODE: 'mutual', TLS_DIR: this.folder(name) }
  }

  folder(name: string): string {
    return join(this.#directory, name)
  }

  /** A certificate that speaks for `name` unless told otherwise. */
  issue(name: string, { authority = this.authority, ...rest }: Issue = {}) {
    return authority.issue({ name, uris: [peerUri('porttrack', name)], ...rest })
  }

  /** Puts a new certificate into a process's folder, and whom it trusts: the authority, unless given. */
  async renew(
    name: string,
    { trusted = [this.authority], ...issue }: Issue & { trusted?: CertificateAuthority[] } = {},
  ): Promise<IssuedCertificate> {
    const issued = await this.issue(name, issue)
    const authorities = trusted.map(({ certificate }) => `${certificate}\n`).join('')
    await writeCertificateFiles(this.folder(name), { ...issued, authorities })
    return issued
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
