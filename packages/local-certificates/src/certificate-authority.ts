// What @peculiar/x509 finds its algorithms with.
import 'reflect-metadata'
import { randomBytes, type webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate and its private key, in PEM. */
export interface IssuedCertificate {
  readonly certificate: string
  readonly key: string
}

export interface CertificateRequest {
  /** Common name; nothing is decided by it. */
  readonly name: string
  /** Who the bearer is, in URIs. The names of this machine are added. */
  readonly uris?: readonly string[]
  /** Default: a minute ago, for clocks that differ. */
  readonly notBefore?: Date
  /** Default: in thirty days. */
  readonly notAfter?: Date
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000
const lifetime = 30 * day

/**
 * Issues certificates for one machine and for tests. Its private key never leaves the process, so
 * that nobody else can issue what is trusted here.
 */
export class CertificateAuthority {
  readonly #certificate: X509Certificate
  readonly #keys: webcrypto.CryptoKeyPair

  private constructor(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#certificate = certificate
    this.#keys = keys
  }

  static async create(name: string): Promise<CertificateAuthority> {
    const keys = await makeKeys()
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: `CN=${name}`,
      notBefore: aMinuteAgo(),
      notAfter: new Date(Date.now() + lifetime + day),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    })
    return new CertificateAuthority(certificate, keys)
  }

  /** The authority's own certificate, in PEM: what those who trust it are given. */
  get certificate(): string {
    return this.#certificate.toString('pem')
  }

  /** A certificate for both ends of a connection: servers and clients. */
  async issue(request: CertificateRequest): Promise<IssuedCertificate> {
    const keys = await makeKeys()
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: `CN=${request.name}`,
      issuer: this.#certificate.subject,
      notBefore: request.notBefore ?? aMinuteAgo(),
      notAfter: request.notAfter ?? new Date(Date.now() + lifetime),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension([
          ...(request.uris ?? []).map((value) => ({ type: 'url' as const, value })),
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          { type: 'ip', value: '::1' },
        ]),
      ],
    })
    const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
    return {
      certificate: certificate.toString('pem'),
      key: PemConverter.encode(key, PemConverter.PrivateKeyTag),
    }
  }
}

const makeKeys = async (): Promise<webcrypto.CryptoKeyPair> =>
  await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const aMinuteAgo = (): Date => new Date(Date.now() - 60_000)

/** A positive number of at most 20 octets (RFC 5280, 4.1.2.2). */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`
