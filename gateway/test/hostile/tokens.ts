import { createHmac, sign } from 'node:crypto'
import { rsaKey, signJwt } from '@porttrack/shared/testing/sign-jwt'
import {
  type Arsenal,
  badRequest,
  type HostileRequest,
  invalidToken,
  noToken,
  passes,
  refused,
  written,
} from './hostile.ts'

const stranger = rsaKey('pool-key')
const seconds = () => Math.floor(Date.now() / 1_000)
const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

type Claims = Record<string, unknown>
type Header = Record<string, unknown>

/** A token that the pool's own key has signed over whatever claims and header. */
const signed =
  (claims: () => Claims, header: Header = {}) =>
  ({ pool }: Arsenal): string =>
    signJwt(pool.claims(claims()), pool.key, header)

/** A token that someone else has signed, with a header that should lend it belief. */
const forged =
  (header: (arsenal: Arsenal) => Header) =>
  (arsenal: Arsenal): string =>
    signJwt(arsenal.pool.claims({ 'cognito:groups': ['admin'] }), stranger, header(arsenal))

/** Header and payload as text, rightly signed. */
const signedText =
  (payload: string, header = '{"alg":"RS256","kid":"pool-key"}') =>
  ({ pool }: Arsenal): string => {
    const input = `${encode(header)}.${encode(payload)}`
    return `${input}.${sign('sha256', Buffer.from(input), pool.key.privateKey).toString('base64url')}`
  }

/** A token whose algorithm is another than the pool's key is for. */
const otherAlgorithm =
  (alg: string, signature: (input: Buffer, arsenal: Arsenal) => Buffer) =>
  (arsenal: Arsenal): string => {
    const input = `${encode({ alg, typ: 'JWT', kid: 'pool-key' })}.${encode(arsenal.pool.claims())}`
    return `${input}.${signature(Buffer.from(input), arsenal).toString('base64url')}`
  }

const publicKeyAsSecret =
  (digest: string) =>
  (input: Buffer, { pool }: Arsenal) =>
    createHmac(digest, pool.key.publicKey.export({ type: 'spki', format: 'pem' }))
      .update(input)
      .digest()

const parts = ({ pool }: Arsenal): [string, string, string] => {
  const [header = '', claims = '', signature = ''] = pool.userToken().split('.')
  return [header, claims, signature]
}

const refusedTokens: Record<string, (arsenal: Arsenal) => string> = {
  'that is a word': () => 'nonsense',
  'of dots alone': () => '..',
  'of two parts': () => 'a.b',
  'of four parts': (arsenal) => `${arsenal.pool.userToken()}.x`,
  'of five parts, as encrypted ones have': () => 'a.b.c.d.e',
  'with an empty header': (arsenal) => `.${parts(arsenal).slice(1).join('.')}`,
  'with an empty payload': (arsenal) => `${parts(arsenal)[0]}..${parts(arsenal)[2]}`,
  'with an empty signature': (arsenal) => `${parts(arsenal).slice(0, 2).join('.')}.`,
  'without a signature': (arsenal) => parts(arsenal).slice(0, 2).join('.'),
  'padded with =': ({ pool }) => `${pool.userToken()}=`,
  'padded with ==': ({ pool }) => `${pool.userToken()}==`,
  'padded in its payload': (arsenal) => {
    const [header, claims, signature] = parts(arsenal)
    return `${header}.${claims}=.${signature}`
  },
  'with a character of the other base 64': ({ pool }) => `${pool.userToken().slice(0, -2)}+/`,
  'with a space inside': ({ pool }) => pool.userToken().replace('.', '. '),
  'with a letter outside ASCII': ({ pool }) => `${pool.userToken()}\xe9`,
  'in quotes': ({ pool }) => `"${pool.userToken()}"`,
  'with a comma and another': ({ pool }) => `${pool.userToken()}, Bearer ${pool.userToken()}`,
  'of fifteen thousand letters': () => 'a'.repeat(15_000),
  'with a payload nested ten thousand deep': signedText('['.repeat(4_000)),

  'with algorithm none': (arsenal) =>
    `${encode({ alg: 'none', kid: 'pool-key' })}.${parts(arsenal)[1]}.`,
  'with algorithm None and a signature': (arsenal) =>
    `${encode({ alg: 'None', kid: 'pool-key' })}.${parts(arsenal)[1]}.${parts(arsenal)[2]}`,
  'with HS256 and the public key as the secret': otherAlgorithm(
    'HS256',
    publicKeyAsSecret('sha256'),
  ),
  'with HS512 and the public key as the secret': otherAlgorithm(
    'HS512',
    publicKeyAsSecret('sha512'),
  ),
  'with RS512': otherAlgorithm('RS512', (input, { pool }) =>
    sign('sha512', input, pool.key.privateKey),
  ),
  'with RS384': otherAlgorithm('RS384', (input, { pool }) =>
    sign('sha384', input, pool.key.privateKey),
  ),
  'with an algorithm in small letters': signed(() => ({}), { alg: 'rs256' }),
  'with a list of algorithms': signed(() => ({}), { alg: ['RS256'] as unknown as string }),
  'without an algorithm': signedText('{}', '{"kid":"pool-key"}'),

  'signed by someone else': forged(() => ({})),
  'with the signature of another token': (arsenal) =>
    `${parts(arsenal).slice(0, 2).join('.')}.${parts(arsenal)[2]}`,
  'with changed claims': (arsenal) => {
    const [header, , signature] = parts(arsenal)
    return `${header}.${encode(arsenal.pool.claims({ sub: 'someone-else' }))}.${signature}`
  },
  'with its own key in the header (jwk)': forged(() => ({
    jwk: { ...stranger.publicKey.export({ format: 'jwk' }), kid: 'pool-key', alg: 'RS256' },
  })),
  'with an address of its key (jku)': forged(({ upstreamUrl }) => ({ jku: `${upstreamUrl}/keys` })),
  'with an address of its key and an unknown id': forged(({ upstreamUrl }) => ({
    jku: `${upstreamUrl}/keys`,
    kid: 'mine',
  })),
  'with an address of its certificate (x5u)': forged(({ upstreamUrl }) => ({
    x5u: `${upstreamUrl}/certificate`,
  })),
  'with a certificate in the header (x5c)': forged(() => ({ x5c: ['MIIB'] })),
  'with an unknown key id': forged(() => ({ kid: 'mine' })),
  'with a path as key id': forged(() => ({ kid: '../../../../dev/null' })),
  'with SQL as key id': forged(() => ({ kid: "' UNION SELECT 'key" })),
  'with a property of every object as key id': forged(() => ({ kid: '__proto__' })),
  'with a method of every object as key id': forged(() => ({ kid: 'constructor' })),
  'with a number as key id': forged(() => ({ kid: 1 })),
  'with a list as key id': forged(() => ({ kid: ['pool-key'] })),
  'with an empty key id': forged(() => ({ kid: '' })),
  'with null as key id': forged(() => ({ kid: null })),
  'without a key id': forged(() => ({ kid: undefined })),
  'with a key id of ten thousand letters': forged(() => ({ kid: 'k'.repeat(5_000) })),
  'with an unknown critical extension': signed(() => ({}), { crit: ['x-new'], 'x-new': true }),
  'with an empty list of critical extensions': signed(() => ({}), { crit: [] }),
  'with an unencoded payload (b64)': signed(() => ({}), { crit: ['b64'], b64: false }),

  'whose header is no JSON': signedText('{}', 'nonsense'),
  'whose header is a list': signedText('{}', '[]'),
  'whose header is null': signedText('{}', 'null'),
  'whose payload is no JSON': signedText('nonsense'),
  'whose payload is a list': signedText('[]'),
  'whose payload is null': signedText('null'),
  'whose payload is text': signedText('"admin"'),
  'whose payload is empty': signedText('{}'),

  'that has expired': signed(() => ({ exp: seconds() - 1 })),
  'that expired long ago': signed(() => ({ exp: 1 })),
  'that expires now': signed(() => ({ exp: seconds() })),
  'without exp': signed(() => ({ exp: undefined })),
  'with exp as text': signed(() => ({ exp: String(seconds() + 600) })),
  'with exp null': signed(() => ({ exp: null })),
  'with exp false': signed(() => ({ exp: false })),
  'issued in the future': signed(() => ({ iat: seconds() + 60 })),
  'with iat as text': signed(() => ({ iat: String(seconds()) })),
  'not valid before later': signed(() => ({ nbf: seconds() + 60 })),
  'with nbf as text': signed(() => ({ nbf: '0' })),
  'with nbf null': signed(() => ({ nbf: null })),

  'of another pool': signed(() => ({
    iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other0001',
  })),
  'of a pool of the same name elsewhere': signed(() => ({
    iss: 'https://cognito-idp.us-east-1.amazonaws.com/eu-west-1_Test00001',
  })),
  'of an issuer that is no pool': signed(() => ({ iss: 'https://evil.example' })),
  'of an issuer with a slash after it': signed(() => ({
    iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Test00001/',
  })),
  'of an issuer without TLS': signed(() => ({
    iss: 'http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Test00001',
  })),
  'of a list of issuers': signed(() => ({
    iss: ['https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Test00001'],
  })),
  'without an issuer': signed(() => ({ iss: undefined })),
  'of another client': signed(() => ({ client_id: 'other-client' })),
  'of a client whose name begins alike': signed(() => ({ client_id: 'web-client-2' })),
  'of a list of clients': signed(() => ({ client_id: ['web-client'] })),
  'without a client': signed(() => ({ client_id: undefined })),
  'with the client as its audience': signed(() => ({ client_id: undefined, aud: 'web-client' })),
  'for refreshing': signed(() => ({ token_use: 'refresh' })),
  'without a use': signed(() => ({ token_use: undefined })),
  'with a use in capitals': signed(() => ({ token_use: 'ACCESS' })),
  'with a list of uses': signed(() => ({ token_use: ['access'] })),
  'that is an ID token': signed(() => ({
    token_use: 'id',
    aud: 'web-client',
    client_id: undefined,
  })),
  'that is an ID token with a client': signed(() => ({ token_use: 'id', aud: 'web-client' })),

  'with groups as text': signed(() => ({ 'cognito:groups': 'admin' })),
  'with groups as an object': signed(() => ({ 'cognito:groups': { 0: 'admin', length: 1 } })),
  'with groups of numbers': signed(() => ({ 'cognito:groups': [1] })),
  'with groups in groups': signed(() => ({ 'cognito:groups': [['admin']] })),
  'with groups null': signed(() => ({ 'cognito:groups': null })),
  'without a subject': signed(() => ({ sub: undefined })),
  'with an empty subject': signed(() => ({ sub: '' })),
  'with a subject of 256 characters': signed(() => ({ sub: 'u'.repeat(256) })),
  'with a number as subject': signed(() => ({ sub: 1 })),
  'with a list of subjects': signed(() => ({ sub: ['user-1'] })),
  'with a list of scopes': signed(() => ({ scope: ['barcos/read'] })),

  'made by the gateway for a service': ({ issuer }) =>
    issuer.gatewayToken('barcos', { roles: ['admin'] }),
  'made by the gateway for itself': ({ issuer }) =>
    issuer.gatewayToken('gateway', { roles: ['admin'] }),
  'made by a service for the gateway': ({ issuer }) => issuer.serviceToken('carga', 'gateway'),
}

const bearing = (token: (arsenal: Arsenal) => string) => (arsenal: Arsenal) =>
  written({ headers: [`Authorization: Bearer ${token(arsenal)}`] })

const valid = ({ pool }: Arsenal): string => pool.userToken()

/** Header lines around a token that is good. */
const lines =
  (...templates: readonly string[]) =>
  (arsenal: Arsenal): string =>
    written({ headers: templates.map((line) => line.replace('@', valid(arsenal))) })

/** Whom the service takes the caller for is not more than what the pool has said. */
const harmless: Record<string, [token: (arsenal: Arsenal) => string, claims: Claims]> = {
  'with a claim twice is read by its last': [
    (arsenal) =>
      signedText(JSON.stringify(arsenal.pool.claims()).replace('"sub":', '"sub":"first","sub":'))(
        arsenal,
      ),
    { sub: 'user-1' },
  ],
  'with a claim that would change every object changes none': [
    (arsenal) =>
      signedText(
        JSON.stringify(arsenal.pool.claims()).replace(
          '{',
          '{"__proto__":{"cognito:groups":["admin"]},',
        ),
      )(arsenal),
    { roles: [] },
  ],
  'with claims of an internal token has no rights by them': [
    signed(() => ({ roles: ['admin'], org: 'acme', kind: 'service', session_exp: 9_999_999_999 })),
    { roles: [], kind: 'user', org: undefined, aud: 'barcos' },
  ],
  'with groups that look like roles has no role': [
    signed(() => ({ 'cognito:groups': ['ADMIN', 'admin ', ' admin', 'admin\0'] })),
    { roles: ['ADMIN', 'admin ', ' admin', 'admin\0'] },
  ],
  'of a user with a machine’s scopes has none': [
    signed(() => ({ scope: 'barcos/write org/acme' })),
    { scope: '', org: undefined },
  ],
  'of a machine with a user’s groups has none': [
    signed(() => ({
      sub: 'machine-client',
      client_id: 'machine-client',
      scope: 'barcos/read',
      'cognito:groups': ['admin', 'org.acme'],
    })),
    { kind: 'machine', roles: [], scope: 'barcos/read', org: undefined },
  ],
  'with an organisation that is no code has none': [
    signed(() => ({ 'cognito:groups': ['agent', 'org.', 'org.ACME', 'org.../x', "org.a' OR 1"] })),
    { roles: ['agent'], org: undefined },
  ],
}

export const tokens: readonly HostileRequest[] = [
  ...Object.entries(refusedTokens).map(([name, token]) => ({
    name: `a token ${name}`,
    bytes: bearing(token),
    expected: invalidToken,
  })),
  ...Object.entries(harmless).map(([name, [token, claims]]) => ({
    name: `a token ${name}`,
    bytes: bearing(token),
    expected: passes({ claims }),
  })),
  { name: 'no token', bytes: () => written({}), expected: noToken },
  { name: 'an empty header', bytes: lines('Authorization:'), expected: invalidToken },
  {
    name: 'a scheme without a token',
    bytes: lines('Authorization: Bearer'),
    expected: invalidToken,
  },
  { name: 'a token without a scheme', bytes: lines('Authorization: @'), expected: invalidToken },
  {
    name: 'a scheme that runs into the token',
    bytes: lines('Authorization: Bearer@'),
    expected: invalidToken,
  },
  {
    name: 'a tab after the scheme',
    bytes: lines('Authorization: Bearer\t@'),
    expected: invalidToken,
  },
  {
    name: 'a colon after the scheme',
    bytes: lines('Authorization: Bearer: @'),
    expected: invalidToken,
  },
  { name: 'the scheme Basic', bytes: lines('Authorization: Basic @'), expected: invalidToken },
  { name: 'the scheme DPoP', bytes: lines('Authorization: DPoP @'), expected: invalidToken },
  {
    name: 'parameters after the token',
    bytes: lines('Authorization: Bearer @; realm=x'),
    expected: invalidToken,
  },
  {
    name: 'a scheme in small letters',
    bytes: lines('authorization: bearer @'),
    expected: passes({ claims: { sub: 'user-1' } }),
  },
  {
    name: 'a scheme in capitals',
    bytes: lines('AUTHORIZATION: BEARER @'),
    expected: passes({ claims: { sub: 'user-1' } }),
  },
  {
    name: 'spaces around the token',
    bytes: lines('Authorization:   Bearer   @   '),
    expected: passes({ claims: { sub: 'user-1' } }),
  },
  {
    name: 'two headers with the same token',
    bytes: lines('Authorization: Bearer @', 'Authorization: Bearer @'),
    expected: badRequest,
  },
  {
    name: 'two headers in different letters',
    bytes: lines('authorization: Bearer @', 'AUTHORIZATION: Basic x'),
    expected: badRequest,
  },
  {
    name: 'two headers, the first empty',
    bytes: lines('Authorization:', 'Authorization: Bearer @'),
    expected: badRequest,
  },
  {
    name: 'a space before the colon',
    bytes: lines('Authorization : Bearer @'),
    expected: badRequest,
  },
  { name: 'a NUL in the token', bytes: lines('Authorization: Bearer @\0'), expected: badRequest },
  { name: 'a token for a proxy', bytes: lines('Proxy-Authorization: Bearer @'), expected: noToken },
  {
    name: 'a token in a header of another name',
    bytes: lines('X-Authorization: Bearer @'),
    expected: noToken,
  },
  {
    name: 'a token in a cookie',
    bytes: lines('Cookie: access_token=@; Authorization=@'),
    expected: noToken,
  },
  {
    name: 'a token in the query',
    bytes: (arsenal) =>
      written({ line: `GET /barcos/v1/x?access_token=${valid(arsenal)} HTTP/1.1` }),
    expected: noToken,
  },
  {
    name: 'a token in a form',
    bytes: (arsenal) => {
      const body = `access_token=${valid(arsenal)}`
      const length = `Content-Length: ${body.length}`
      return written({
        line: 'POST /barcos/v1/x HTTP/1.1',
        headers: ['Content-Type: application/x-www-form-urlencoded', length],
        body,
      })
    },
    expected: noToken,
  },
  {
    name: 'a header longer than any is taken',
    bytes: () => written({ headers: [`Authorization: Bearer ${'a'.repeat(20_000)}`] }),
    expected: refused(431, 'HEADERS_TOO_LARGE'),
  },
]
