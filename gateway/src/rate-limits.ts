import type { Caller } from '@porttrack/shared/auth/caller'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { secretSetting } from '@porttrack/shared/service/secret'
import type { FastifyInstance, FastifyReply } from 'fastify'
import ipaddr from 'ipaddr.js'
import { type Static, Type } from 'typebox'
import type { metrics } from './metrics.ts'
import { Quota, type Standing } from './quota.ts'

const count = { minimum: 0, maximum: 1_000_000_000 }

export const rateLimitEnv = {
  RATE_LIMIT_CALLER: Type.Integer({
    ...count,
    default: 3_000,
    description:
      'Requests that one caller (user or machine client) may make in a window; 0 sets no limit',
  }),
  RATE_LIMIT_ADDRESS: Type.Integer({
    ...count,
    default: 6_000,
    description:
      'Requests that may come from one address in a window, with a valid token or without; of IPv6, from one /64; 0 sets no limit',
  }),
  RATE_LIMIT_WINDOW_SECONDS: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 3_600,
    description: 'Length of a window; one begins with the first request',
  }),
  RATE_LIMIT_STORE_URL: Type.Optional(
    secretSetting({
      pattern: '^rediss?://.+',
      description:
        'Valkey or Redis server by which the replicas of the gateway share what they count, as redis://[[user]:password@]host[:port][/database], or rediss: for TLS; none: each replica limits by itself',
    }),
  ),
  TRUSTED_PROXIES: Type.String({
    default: '',
    description:
      'Addresses and networks (CIDR) of proxies in front of the gateway, separated by commas, whose X-Forwarded-For tells the caller’s address; of everybody else it is ignored. One of them may have all of CLIENT_CONNECTIONS',
  }),
}

type RateLimitConfig = Readonly<Static<ReturnType<typeof Type.Object<typeof rateLimitEnv>>>>

/** What is limited; null where there is no limit. */
export type RateLimits = { address: Quota | null; caller: Quota | null }

export const rateLimitsOf = (config: RateLimitConfig): RateLimits => {
  const window = config.RATE_LIMIT_WINDOW_SECONDS * 1_000
  const quota = (name: string, requests: number) =>
    requests === 0 ? null : new Quota({ name, requests, window })
  return {
    address: quota('address', config.RATE_LIMIT_ADDRESS),
    caller: quota('caller', config.RATE_LIMIT_CALLER),
  }
}

/**
 * Refuses with 429 what is more than a caller or an address may ask, and tells in every answer how
 * much is left (`RateLimit` and `RateLimit-Policy`, draft-ietf-httpapi-ratelimit-headers-11).
 * Addresses are counted before tokens are looked at, so that guessing tokens is limited too.
 */
export const limitRates = (
  app: FastifyInstance,
  { address, caller }: RateLimits,
  { rateLimited }: Pick<Metrics<typeof metrics>, 'rateLimited'>,
): void => {
  const policy = policyOf({ address, caller })
  if (policy === null) return

  const take = (quota: Quota, key: string, reply: FastifyReply): ProblemError | undefined => {
    const standing = quota.take(key)
    const before = reply.getHeader('ratelimit')
    const own = said(quota, standing)
    reply.header('ratelimit', before === undefined ? own : `${String(before)}, ${own}`)
    if (standing.allowed) return undefined
    rateLimited.inc({ limit: quota.name })
    return refusal(quota, standing)
  }

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('ratelimit-policy', policy)
    done(address ? take(address, networkOf(request.ip), reply) : undefined)
  })

  if (caller === null) return
  app.addHook('preHandler', (request, reply, done) => {
    // Nobody where a route is public.
    const known: Caller | null = request.caller
    const refused = known ? take(caller, keyOf(known), reply) : undefined
    // One caller's excess must not use up what the others behind an office's address have.
    if (refused) address?.giveBack(networkOf(request.ip))
    done(refused)
  })
}

/** What `RateLimit-Policy` says; null where nothing is limited. */
export const policyOf = ({ address, caller }: RateLimits): string | null => {
  const quotas = [address, caller].filter((quota) => quota !== null)
  if (quotas.length === 0) return null
  return quotas
    .map(({ name, requests, window }) => `"${name}";q=${requests};w=${window / 1_000}`)
    .join(', ')
}

/**
 * Counts a request that the framework does not see.
 *
 * @returns what `RateLimit` says in its answer; null, and nothing is counted, when it is one too many
 */
export const countRequest = (
  { address, caller }: RateLimits,
  from: { address: string; caller: Caller },
): string | null => {
  let text = ''
  if (address !== null) {
    const standing = address.take(networkOf(from.address))
    if (!standing.allowed) return null
    text = said(address, standing)
  }
  if (caller !== null) {
    const standing = caller.take(keyOf(from.caller))
    if (!standing.allowed) {
      address?.giveBack(networkOf(from.address))
      return null
    }
    text = text === '' ? said(caller, standing) : `${text}, ${said(caller, standing)}`
  }
  return text
}

const keyOf = ({ kind, subject }: Caller): string => `${kind}:${subject}`

const said = ({ name }: Quota, standing: Standing): string =>
  `"${name}";r=${standing.remaining};t=${secondsOf(standing)}`

const refusal = ({ name, requests, window }: Quota, standing: Standing): ProblemError => {
  const seconds = window / 1_000
  const detail =
    name === 'caller'
      ? {
          en: `At most ${requests} requests in ${seconds} seconds are taken from one caller`,
          es: `Se admiten como máximo ${requests} peticiones en ${seconds} segundos de quien llama`,
        }
      : {
          en: `At most ${requests} requests in ${seconds} seconds are taken from one address`,
          es: `Se admiten como máximo ${requests} peticiones en ${seconds} segundos de una dirección`,
        }
  return new ProblemError(kitErrors.TOO_MANY_REQUESTS, {
    detail,
    headers: { 'retry-after': String(secondsOf(standing)) },
  })
}

/** Whole seconds after which the window has ended for certain. */
const secondsOf = ({ endsIn }: Standing): number => Math.max(1, Math.ceil(endsIn / 1_000))

/** Who has an address of IPv6 usually has the whole /64 that it lies in. */
export const networkOf = (address: string): string => {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`
}

/**
 * The entries of `TRUSTED_PROXIES`.
 *
 * @throws when one is neither an address nor a network
 */
export const trustedProxiesOf = (list: string): readonly string[] =>
  list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      if (ipaddr.isValidCIDR(entry) || ipaddr.isValid(entry)) return entry
      throw new Error(`TRUSTED_PROXIES: ${entry} is neither an address nor a network`)
    })
