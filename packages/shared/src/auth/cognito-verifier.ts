import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { FetchError, JwksValidationError } from 'aws-jwt-verify/error'
import { SimpleFetcher } from 'aws-jwt-verify/https'
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt'
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model'
import type { KitConfig } from '../service/env.ts'
import type { Logger } from '../logging/logger.ts'
import { PoolKeys } from './pool-keys.ts'
import { longestSubject } from './subject.ts'
import { clockSkew, KeysUnavailableError, TokenRefusedError } from './token-errors.ts'
import { callerOfCognito, type VerifiedToken } from './caller.ts'

/** Keys that take longer to fetch count as unavailable, in milliseconds. */
const fetchTimeout = 3_000

/** Keys that could not be fetched again are asked for anew after at most this long, in seconds. */
const longestRetry = 5

/** The key id of the local stand-in, whose private key anyone can read. */
const standInKeyId = 'CognitoLocal'

const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Checks a token and says whose it is. */
export type VerifyToken = (token: string) => Promise<VerifiedToken>

/** Checks tokens until it is closed, which ends the looking after keys. */
export type CognitoVerifier = { verify: VerifyToken; close: () => void }

/**
 * A verifier of the user pool's access tokens. On top of what aws-jwt-verify checks, a token needs
 * an `exp`, must not be from the future, must name a subject, must not ask for extensions (`crit`, RFC
 * 7515 §4.1.11) and its groups must be a list of texts.
 *
 * The pool's keys are fetched when a token needs one that is not known, and each
 * `COGNITO_KEYS_SECONDS`, so that one which the pool has withdrawn is accepted no longer. When they
 * cannot be fetched, those that are known stay in use, and are asked for again after a tenth of that
 * time and at most 5 s.
 *
 * @returns `verify` throws TokenRefusedError for a token that is not accepted, and
 *   KeysUnavailableError when the pool's keys cannot be fetched
 * @throws when the settings would accept development keys without saying so
 */
export const createCognitoVerifier = (config: KitConfig, log: Logger): CognitoVerifier => {
  const clientIds = config.COGNITO_CLIENT_IDS.split(',').map((id) => id.trim())
  const clientId = clientIds.filter((id) => id !== '')
  if (config.COGNITO_USER_POOL_ID === '' || clientId.length === 0) {
    throw new Error(
      'COGNITO_USER_POOL_ID and COGNITO_CLIENT_IDS are needed to check Cognito tokens',
    )
  }
  if (config.COGNITO_JWKS_URL !== '' && !config.DEVELOPMENT_KEYS) {
    throw new Error('COGNITO_JWKS_URL replaces AWS’s keys: it needs DEVELOPMENT_KEYS=true')
  }
  const keys = new PoolKeys({
    fetcher:
      config.COGNITO_JWKS_URL === ''
        ? new SimpleFetcher({
            defaultRequestOptions: { timeout: fetchTimeout, responseTimeout: fetchTimeout },
          })
        : { fetch: () => fetchStandIn(config.COGNITO_JWKS_URL) },
  })
  const open = () =>
    CognitoJwtVerifier.create(
      {
        userPoolId: config.COGNITO_USER_POOL_ID,
        tokenUse: 'access',
        clientId,
        customJwtCheck: checkBeyondSignature,
      },
      { jwksCache: keys },
    )
  let verifier = open()
  keys.onWithdrawn = (ids) => {
    // It keeps what it has made of a key by the key's id alone.
    verifier = open()
    log.info({ 'labels.key_ids': ids.join(' ') }, 'the user pool has withdrawn keys')
  }
  const close = keepFresh(keys, config.COGNITO_KEYS_SECONDS, log)
  const verify: VerifyToken = async (token) => {
    // aws-jwt-verify also takes padded parts, which are no JWS (RFC 7515 §2).
    if (!compactJws.test(token)) throw new TokenRefusedError('malformed')
    try {
      const { header, payload } = decomposeUnverifiedJwt(token)
      const { kid = '' } = header
      // Before the signature, which would hold: the key is known to everyone.
      if (!config.DEVELOPMENT_KEYS && kid === standInKeyId)
        throw new TokenRefusedError('development-key')
      const before = keys.find(payload.iss ?? '', kid)
      const claims = await verifier.verify(token)
      const key = keys.find(claims.iss, kid)
      // While the signature was looked at.
      if (key === null || before?.withdrawn) throw new TokenRefusedError('withdrawn-key')
      return { caller: callerOfCognito(claims), expires: claims.exp, key }
    } catch (error) {
      if (error instanceof FetchError || error instanceof JwksValidationError) {
        throw new KeysUnavailableError({ cause: error })
      }
      throw new TokenRefusedError(reasonOf(error), { cause: error })
    }
  }
  return { verify, close }
}

/** Fetches keys again each so many seconds. @returns what ends it */
const keepFresh = (keys: PoolKeys, seconds: number, log: Logger): (() => void) => {
  const retry = Math.min(seconds / 10, longestRetry)
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let failing = false
  const refreshIn = (after: number): void => {
    if (closed) return
    timer = setTimeout(() => void refresh(), after * 1_000)
    timer.unref()
  }
  const refresh = async (): Promise<void> => {
    try {
      await keys.refresh()
      if (failing) log.info('the keys of the user pool can be fetched again')
      failing = false
    } catch (error) {
      // Once, however often it is tried: a line for each would say nothing more.
      if (!failing) {
        log.warn(
          { err: error },
          'the keys of the user pool cannot be fetched, those known stay in use',
        )
      }
      failing = true
    }
    refreshIn(failing ? retry : seconds)
  }
  refreshIn(seconds)
  return () => {
    closed = true
    clearTimeout(timer)
  }
}

/** Fetches the keys of a local stand-in, which speaks plain HTTP; aws-jwt-verify's fetcher does not. */
const fetchStandIn = async (url: string): Promise<ArrayBuffer> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(fetchTimeout) })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    return await answer.arrayBuffer()
  } catch (error) {
    throw new FetchError(url, error)
  }
}

type Checked = { header: JwtHeader; payload: JwtPayload }

const checkBeyondSignature = ({ header, payload }: Checked): void => {
  const now = Date.now() / 1000
  if ('crit' in header) throw new TokenRefusedError('critical-extension')
  if (typeof payload.exp !== 'number') throw new TokenRefusedError('no-expiry')
  for (const claim of [payload.iat, payload.nbf]) {
    if (claim !== undefined && !(typeof claim === 'number' && claim <= now + clockSkew)) {
      throw new TokenRefusedError('not-yet-valid')
    }
  }
  if (typeof payload.sub !== 'string' || payload.sub === '')
    throw new TokenRefusedError('no-subject')
  if (payload.sub.length > longestSubject) throw new TokenRefusedError('subject-too-long')
  const groups = payload['cognito:groups']
  if (groups !== undefined && !isListOfTexts(groups))
    throw new TokenRefusedError('groups-not-a-list')
}

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** aws-jwt-verify names its errors by class: `JwtExpiredError` becomes `jwt-expired`. */
const reasonOf = (error: unknown): string => {
  if (error instanceof TokenRefusedError) return error.reason
  const name = error instanceof Error ? error.constructor.name : 'unknown'
  return name
    .replace(/Error$/, '')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
}
