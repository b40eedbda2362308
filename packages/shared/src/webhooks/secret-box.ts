import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { derived, keysOf, type Secret } from '../service/secret.ts'

type Key = { id: string; key: Buffer }

/**
 * Keeps secrets so that who reads the database does not read them: AES-256-GCM, bound to the id of
 * what they belong to.
 *
 * @param setting keys as `keyListPattern` has them: the first seals, what any of them sealed is opened
 */
export const createSecretBox = (setting: Secret) => {
  const keys = derived(setting, (list): readonly [Key, ...Key[]] => {
    const [first, ...others] = keysOf(list)
    return [keyOf(first), ...others.map(keyOf)]
  })
  return {
    seal: (secret: string, owner: string): string => {
      const [current] = keys()
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce).setAAD(Buffer.from(owner))
      const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()])
      return `${current.id}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`
    },
    /** @throws when it was sealed with another key, for another owner, or was changed */
    open: (text: string, owner: string): string => {
      const [id, nonce = '', sealed = ''] = text.split('.')
      const known = keys().find((key) => key.id === id)
      if (!known) throw new Error('a webhook’s secret was sealed with a key that is not known')
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', known.key, Buffer.from(nonce, 'base64url'), {
        authTagLength: 16,
      })
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString()
    },
    /** Begins what the present key has sealed. */
    get prefix(): string {
      return `${keys()[0].id}.`
    },
  }
}

export type SecretBox = ReturnType<typeof createSecretBox>

const keyOf = (text: string): Key => {
  const key = Buffer.from(hkdfSync('sha256', text, '', 'porttrack webhook secrets', 32))
  return { id: createHash('sha256').update(key).digest('hex').slice(0, 8), key }
}
