import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readStateFile, writeStateFile } from './state-files.ts'

interface SigningKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly d: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

export interface ProcessKeys<Name extends string> {
  /** The public keys of all processes, each with the process that signs with it as `issuer`. */
  readonly keySetFile: string
  /** The private key of each process (JWK). */
  readonly signingKeys: Readonly<Record<Name, string>>
}

/** An Ed25519 key for each process, kept between starts, and the set of their public halves. */
export async function prepareKeys<Name extends string>(
  directory: string,
  names: readonly Name[],
): Promise<ProcessKeys<Name>> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const prepared = await Promise.all(
    names.map(async (name) => {
      const file = join(directory, `${name}.json`)
      const kept = await readStateFile<SigningKey>(file)
      const key = kept ?? makeKey()
      if (kept === undefined) await writeStateFile(file, key)
      const { kty, crv, x, kid, use, alg } = key
      return { name, key, published: { kty, crv, x, kid, use, alg, issuer: name } }
    }),
  )
  const keySetFile = join(directory, 'key-set.json')
  await writeStateFile(keySetFile, { keys: prepared.map(({ published }) => published) })
  return {
    keySetFile,
    signingKeys: Object.fromEntries(
      prepared.map(({ name, key }) => [name, JSON.stringify(key)]),
    ) as Record<Name, string>,
  }
}

function makeKey(): SigningKey {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  if (x === undefined || d === undefined) throw new Error('an Ed25519 key without its parts')
  // The thumbprint of RFC 7638: the required members in the order of their names.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid, use: 'sig', alg: 'EdDSA' }
}
