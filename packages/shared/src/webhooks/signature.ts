import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'whsec_'

/** A new secret of 32 random bytes, as text of the Standard Webhooks scheme. */
export const newSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`

type Message = {
  id: string
  /** Seconds since 1970. */
  timestamp: number
  body: string
}

/**
 * The headers of a signed webhook (https://www.standardwebhooks.com, symmetric signatures): one
 * signature for each secret, so that a receiver that knows any of them can verify.
 */
export const signedHeaders = (
  { id, timestamp, body }: Message,
  secrets: readonly string[],
): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(prefix.length), 'base64')
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`)
      return `v1,${signature.digest('base64')}`
    })
    .join(' '),
})
