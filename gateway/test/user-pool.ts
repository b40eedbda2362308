import { randomUUID } from 'node:crypto'
import { rsaKey, signJwt, type TestKey } from '@porttrack/shared/testing/sign-jwt'
import { startServer, type TestServer } from './http.ts'

const poolId = 'eu-west-1_Test00001'
const webClient = 'web-client'
const machineClient = 'machine-client'
const poolIssuer = `https://cognito-idp.eu-west-1.amazonaws.com/${poolId}`

/** A Cognito user pool with a key made for one test: signs tokens and serves its public keys. */
export type UserPool = AsyncDisposable & {
  key: TestKey
  server: TestServer
  /** How often the keys were fetched. */
  fetches: () => number
  /** The keys that are published, until told otherwise the pool's own alone. */
  publish: (keys: readonly TestKey[]) => void
  /** What the key server does instead of answering, until set to null. */
  failWith: (status: number | null) => void
  /** Claims of an access token as Cognito writes them, with changes; `undefined` takes one out. */
  claims: (changes?: Record<string, unknown>) => Record<string, unknown>
  /** An access token of a user in these groups. */
  userToken: (groups?: string[], changes?: Record<string, unknown>) => string
  /** An access token of a machine client. */
  machineToken: (scopes: string[]) => string
  /** The settings with which a service accepts the pool's tokens. */
  env: Record<string, string>
}

export const startUserPool = async (): Promise<UserPool> => {
  const key = rsaKey('pool-key')
  let fetches = 0
  let failing: number | null = null
  let published: readonly TestKey[] = [key]
  const server = await startServer((_request, response) => {
    fetches += 1
    if (failing !== null) return response.writeHead(failing).end()
    const keys = published.map(({ publicKey, keyId }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid: keyId,
      use: 'sig',
      alg: 'RS256',
    }))
    return response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  })
  const claims: UserPool['claims'] = (changes = {}) => {
    const now = Math.floor(Date.now() / 1_000)
    return {
      sub: 'user-1',
      iss: poolIssuer,
      client_id: webClient,
      origin_jti: randomUUID(),
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: now,
      exp: now + 3_600,
      iat: now,
      jti: randomUUID(),
      username: 'user-1',
      ...changes,
    }
  }
  return {
    key,
    server,
    fetches: () => fetches,
    publish: (keys) => {
      published = keys
    },
    failWith: (status) => {
      failing = status
    },
    claims,
    userToken: (groups = ['harbour-master'], changes = {}) =>
      signJwt(claims({ 'cognito:groups': groups, ...changes }), key),
    machineToken: (scopes) =>
      signJwt(
        claims({ sub: machineClient, client_id: machineClient, scope: scopes.join(' ') }),
        key,
      ),
    env: {
      COGNITO_USER_POOL_ID: poolId,
      COGNITO_CLIENT_IDS: `${webClient},${machineClient}`,
      COGNITO_JWKS_URL: `${server.url}/jwks.json`,
      DEVELOPMENT_KEYS: 'true',
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
