import { clientId, consoleClientId, emailOf, isUserName } from './identities.ts'
import type { MachineClientName, UserName } from './identities.ts'
import type { Secrets } from './secrets.ts'

/** Somebody who can sign in at a platform: a user or a machine client. */
export type Identity = UserName | MachineClientName

/** Where the stand-ins for Cognito listen, and what to sign in with. */
export interface SignInPlace {
  readonly cognitoPort: number
  readonly tokensPort: number
  readonly secrets: Secrets
}

export interface AccessToken {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/**
 * Signs in and hands back an access token of Cognito's shape.
 *
 * @throws when the stand-in does not answer, or refuses
 */
export async function signIn(identity: Identity, place: SignInPlace): Promise<AccessToken> {
  return isUserName(identity)
    ? await signInUser(identity, place)
    : await signInMachine(identity, place)
}

async function signInUser(name: UserName, place: SignInPlace): Promise<AccessToken> {
  const response = await fetch(`http://127.0.0.1:${place.cognitoPort}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: consoleClientId,
      AuthParameters: { USERNAME: emailOf(name), PASSWORD: place.secrets.users[name].password },
    }),
    signal: AbortSignal.timeout(10_000),
  })
  const answer = (await response.json()) as {
    AuthenticationResult?: { AccessToken: string }
    message?: string
  }
  const token = answer.AuthenticationResult?.AccessToken
  if (token === undefined) {
    throw new Error(`${emailOf(name)} may not sign in: ${answer.message ?? response.status}`)
  }
  return { token, expires: expiryOf(token) }
}

async function signInMachine(name: MachineClientName, place: SignInPlace): Promise<AccessToken> {
  const credentials = `${clientId(name)}:${place.secrets.machineClients[name]}`
  const response = await fetch(`http://127.0.0.1:${place.tokensPort}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    signal: AbortSignal.timeout(10_000),
  })
  const answer = (await response.json()) as { access_token?: string; error?: string }
  if (answer.access_token === undefined) {
    throw new Error(`${name} may not sign in: ${answer.error ?? response.status}`)
  }
  return { token: answer.access_token, expires: expiryOf(answer.access_token) }
}

function expiryOf(token: string): number {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number
  }
  return claims.exp * 1000
}
