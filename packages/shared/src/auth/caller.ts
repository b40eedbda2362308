/** Who makes a request, as far as the request's token proves it. */
export type Caller = {
  /** `user` and `machine` come with a Cognito token, `service` is another PortTrack service. */
  kind: 'user' | 'machine' | 'service'
  /** The user's id, the machine's client id or the service's name. */
  subject: string
  /** Cognito groups without the `org.` ones; none for machines and services. */
  roles: readonly string[]
  /** OAuth scopes without the `org/` ones; none for users who signed in. */
  scopes: readonly string[]
  /** Code of the organisation whose objects the caller may see, when bound to one. */
  organization: string | null
  /** When the token the caller brought ends, seconds since 1970; long answers end with it. */
  sessionEnds: number
}

const organizationGroup = /^org\.([a-z0-9][a-z0-9-]{0,62})$/
const organizationScope = /^org\/([a-z0-9][a-z0-9-]{0,62})$/

/** A key that tokens were verified by. */
export type VerifyingKey = {
  /** Whether it has been taken back since: what it verified holds no longer. */
  readonly withdrawn: boolean
}

/** What an accepted token says, and until when. */
export type VerifiedToken = {
  caller: Caller
  /** When the token itself ends, seconds since 1970. */
  expires: number
  /** Null for internal tokens, which end within a minute. */
  key: VerifyingKey | null
}

/** Reads the caller from the claims of a verified Cognito access token. */
export const callerOfCognito = (claims: {
  sub: string
  client_id: string
  exp: number
  scope?: string
  'cognito:groups'?: string[]
}): Caller => {
  const groups = claims['cognito:groups'] ?? []
  const scopes = (claims.scope ?? '').split(' ').filter((scope) => scope !== '')
  // A client-credentials token's subject is its client and it has no groups; a user's differs.
  const machine = claims.sub === claims.client_id
  return {
    kind: machine ? 'machine' : 'user',
    subject: claims.sub,
    roles: machine ? [] : groups.filter((group) => !group.startsWith('org.')),
    scopes: machine ? scopes.filter((scope) => !scope.startsWith('org/')) : [],
    organization: machine
      ? firstMatch(scopes, organizationScope)
      : firstMatch(groups, organizationGroup),
    sessionEnds: claims.exp,
  }
}

const firstMatch = (values: readonly string[], pattern: RegExp): string | null => {
  for (const value of values) {
    const code = pattern.exec(value)?.[1]
    if (code) return code
  }
  return null
}
