import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { consoleClientId, issuer } from '@porttrack/scripts/platform/identities'
import { rsaKey, signJwt } from '@porttrack/shared/testing/sign-jwt'

/** A user pool with as many users as a test wants. */
export type UserPool = AsyncDisposable & {
  keysUrl: string
  /** An access token as Cognito writes it. */
  token: (user: string, group: string) => string
}

export const startUserPool = async (): Promise<UserPool> => {
  const key = rsaKey('pool-key')
  const published = key.publicKey.export({ format: 'jwk' })
  const keys = JSON.stringify({
    keys: [{ ...published, kid: key.keyId, use: 'sig', alg: 'RS256' }],
  })
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keys)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    keysUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    token: (user, group) => {
      const now = Math.floor(Date.now() / 1_000)
      return signJwt(
        {
          sub: user,
          username: user,
          iss: issuer,
          client_id: consoleClientId,
          token_use: 'access',
          scope: 'aws.cognito.signin.user.admin',
          auth_time: now,
          iat: now,
          exp: now + 3_600,
          jti: randomUUID(),
          'cognito:groups': [group],
        },
        key,
      )
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
