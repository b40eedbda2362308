import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A key pair made for one test, with the id it is published under. */
export type TestKey = { keyId: string; privateKey: KeyObject; publicKey: KeyObject }

export const ed25519Key = (keyId: string): TestKey => ({ keyId, ...generateKeyPairSync('ed25519') })

export const rsaKey = (keyId: string): TestKey => ({
  keyId,
  ...generateKeyPairSync('rsa', { modulusLength: 2_048 }),
})

/** Signs any claims, however wrong, so that tests can make hostile tokens. */
export const signJwt = (
  claims: object,
  key: TestKey,
  header: { alg?: string; [name: string]: unknown } = {},
): string => {
  const rsa = key.privateKey.asymmetricKeyType === 'rsa'
  const full = { alg: rsa ? 'RS256' : 'EdDSA', typ: 'JWT', kid: key.keyId, ...header }
  const input = `${encode(full)}.${encode(claims)}`
  const signature = sign(rsa ? 'sha256' : null, Buffer.from(input), key.privateKey)
  return `${input}.${signature.toString('base64url')}`
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
