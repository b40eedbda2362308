import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CertificateAuthority } from '@porttrack/local-certificates/certificate-authority'
import { writeCertificateFiles } from '@porttrack/local-certificates/certificate-files'
import { peerUri } from '@porttrack/shared/tls/peer-identity'

/**
 * A folder for each process with a certificate that speaks for it. All of them are made anew, by an
 * authority whose key is not kept, and last for thirty days.
 *
 * @returns the folder of each process
 */
export async function prepareCertificates<Name extends string>(
  directory: string,
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  await rm(directory, { recursive: true, force: true })
  const authority = await CertificateAuthority.create('PortTrack on this machine')
  const folders = await Promise.all(
    names.map(async (name) => {
      const folder = join(directory, name)
      const issued = await authority.issue({ name, uris: [peerUri('porttrack', name)] })
      await writeCertificateFiles(folder, { ...issued, authorities: authority.certificate })
      return [name, folder] as const
    }),
  )
  return Object.fromEntries(folders) as Record<Name, string>
}
