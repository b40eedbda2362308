import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IssuedCertificate } from './certificate-authority.ts'

/** What a process proves itself with, and the certificates of the authorities that it trusts. */
export interface CertificateFiles extends IssuedCertificate {
  readonly authorities: string
}

/**
 * Writes a folder as Kubernetes and cert-manager lay one out: `tls.crt`, `tls.key`, `ca.crt`. Each
 * file is replaced in one step; nobody but its owner reads them.
 */
export const writeCertificateFiles = async (
  directory: string,
  { certificate, key, authorities }: CertificateFiles,
): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await Promise.all([
    replace(join(directory, 'tls.crt'), certificate),
    replace(join(directory, 'tls.key'), key),
    replace(join(directory, 'ca.crt'), authorities),
  ])
}

const replace = async (file: string, text: string): Promise<void> => {
  const partial = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(partial, text, { mode: 0o600 })
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
