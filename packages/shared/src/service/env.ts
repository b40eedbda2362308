import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { signingKeyOf } from '../auth/key-set.ts'
import { isSecret, keyListPattern, openSecret, secretSetting } from './secret.ts'

/**
 * The environment every process reads; a service adds its own entries. Descriptions become
 * `docs/configuration.md`.
 */
export const kitEnv = {
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen on' }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    description: 'Port of the API; 0 takes a free one',
  }),
  MANAGEMENT_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    description: 'Port of health and metrics, never exposed; 0 takes a free one',
  }),
  LOG_LEVEL: Type.String({
    default: 'info',
    pattern: '^(fatal|error|warn|info|debug|trace|silent)$',
    description: 'Least level that is logged: fatal, error, warn, info, debug, trace or silent',
  }),
  SERVICE_VERSION: Type.String({
    default: '0.0.0',
    description: 'Version shown in logs and traces',
  }),
  SECRETS_DIR: Type.String({
    default: '/run/secrets/porttrack',
    description:
      'Folder with a file for each secret that no variable gives; a file that changes is read again',
  }),
  AUTH_MODE: Type.String({
    default: 'internal',
    pattern: '^(internal|cognito)$',
    description:
      'Whose tokens are accepted: "internal" the gateway’s and other services’, "cognito" those of the user pool',
  }),
  INTERNAL_KEY_SET_FILE: Type.String({
    default: '',
    description:
      'File with the public keys of gateway and services (JWK set), read again when it changes',
  }),
  SIGNING_KEY: Type.Optional(
    secretSetting({
      check: (text) => void signingKeyOf(text),
      description:
        'This process’s private key (JWK, Ed25519, with `kid`), with which it signs its tokens; needed by the gateway, and to read another’s feed',
    }),
  ),
  COGNITO_USER_POOL_ID: Type.String({
    default: '',
    description: 'User pool whose tokens are accepted',
  }),
  COGNITO_CLIENT_IDS: Type.String({
    default: '',
    description: 'App clients whose tokens are accepted, separated by commas',
  }),
  COGNITO_JWKS_URL: Type.String({
    default: '',
    description:
      'Where to fetch the pool’s keys instead of from AWS; only with DEVELOPMENT_KEYS=true',
  }),
  COGNITO_KEYS_SECONDS: Type.Number({
    default: 300,
    minimum: 1,
    maximum: 86_400,
    description:
      'Seconds after which the pool’s keys are fetched again: for so long tokens of a key that the pool has withdrawn are still accepted, while the keys can be fetched; when they cannot, it is tried again after a tenth of that, at most 5 s',
  }),
  TLS_MODE: Type.String({
    default: 'off',
    pattern: '^(off|mutual)$',
    description:
      'How gateway and services reach each other: "mutual" over TLS, both sides with a certificate, or "off" in plain HTTP, for one machine and for meshes',
  }),
  TLS_DIR: Type.String({
    default: '/run/secrets/porttrack/tls',
    description:
      'Folder with this process’s certificate (tls.crt, tls.key) and the authorities it trusts (ca.crt), read again when they change; used with TLS_MODE=mutual',
  }),
  TLS_TRUST_DOMAIN: Type.String({
    default: 'porttrack',
    pattern: '^[a-z0-9._-]{1,255}$',
    description:
      'Name of this installation in certificates: a process’s has the URI spiffe://<trust domain>/<process>',
  }),
  PUBLIC_TLS_DIR: Type.String({
    default: '',
    description:
      'Folder with the certificate (tls.crt, tls.key) that users are shown by a process which they reach themselves: the gateway, or a service with AUTH_MODE=cognito. Plain HTTP when empty',
  }),
  DEVELOPMENT_KEYS: Type.Boolean({
    default: false,
    description:
      'Accepts tokens of a local Cognito stand-in, whose private key is public; never in production',
  }),
  CURSOR_KEY: secretSetting({
    pattern: keyListPattern,
    description:
      'Key of at least 32 characters that list cursors are signed with, the same on every replica. Others may follow, separated by commas: cursors that they signed are read',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.String({
    default: '',
    description: 'Base URL of an OTLP/HTTP collector; without it no spans are sent',
  }),
  TRACE_SAMPLE_RATIO: Type.Number({
    default: 0.1,
    minimum: 0,
    maximum: 1,
    description: 'Share of new traces that are recorded',
  }),
  BACKGROUND: Type.String({
    default: 'on',
    pattern: '^(on|off)$',
    description: 'Whether consumers and jobs run; "off" for a canary that only answers requests',
  }),
  SHED_DELAY_SECONDS: Type.Number({
    default: 1,
    minimum: 0.1,
    maximum: 3_600,
    description:
      'Event loop delay in seconds, averaged over a second, from which requests are refused with 503',
  }),
  WEBHOOK_KEY: Type.Optional(
    secretSetting({
      pattern: keyListPattern,
      description:
        'Key of at least 32 characters that webhooks’ secrets are encrypted with, the same on every replica; needed by a service that has events. Others may follow, separated by commas: what is encrypted with them is read, and encrypted anew',
    }),
  ),
  WEBHOOK_ALLOWED_NETWORKS: Type.String({
    default: '',
    description:
      'Networks (CIDR), addresses and hosts, separated by commas, that webhooks may be sent to though they are not public, also over plain HTTP',
  }),
  WEBHOOK_TIMEOUT_SECONDS: Type.Number({
    default: 15,
    minimum: 0.1,
    maximum: 60,
    description: 'Seconds in which the receiver of a webhook must have answered',
  }),
  WEBHOOK_RETRY_SECONDS: Type.String({
    default: '5,30,120,600,1800,3600,7200,14400,28800,43200',
    pattern: String.raw`^\d{1,6}(?:\.\d{1,3})?(?:,\d{1,6}(?:\.\d{1,3})?){0,29}$`,
    description:
      'Seconds between the attempts at a delivery, from the first failure to the last attempt',
  }),
  WEBHOOK_DISABLE_HOURS: Type.Number({
    default: 120,
    minimum: 0,
    maximum: 720,
    description: 'Hours of nothing but failures after which a webhook is disabled',
  }),
  DRAIN_SECONDS: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 60,
    description: 'Time between saying "not ready" and closing, for load balancers to notice',
  }),
}

export type Environment<E extends TProperties> = Readonly<Static<ReturnType<typeof Type.Object<E>>>>

export type KitConfig = Environment<typeof kitEnv>

/** A service's settings: the kit's and its own. */
export type ServiceConfig<E extends TProperties> = KitConfig & Environment<E>

/** Faults of an environment, one line for each, naming the variable and never its value. */
export class EnvironmentError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`the environment is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.name = 'EnvironmentError'
    this.faults = faults
  }
}

type ReadOptions = {
  /** Told of a secret's file that cannot be used after the start; the value stays as it was. */
  onFault?: (error: unknown) => void
}

/**
 * Reads the settings that a process declares beside the kit's, converts and checks them, and freezes
 * the result. Other variables are ignored; an empty one counts as absent.
 *
 * @throws EnvironmentError naming every fault at once
 */
export const readEnvironment = <E extends TProperties>(
  declared: E,
  variables: Record<string, string | undefined>,
  options: ReadOptions = {},
): ServiceConfig<E> =>
  readSettings({ ...kitEnv, ...declared }, variables, options) as unknown as ServiceConfig<E>

/** Reads the settings named and no others. @throws EnvironmentError naming every fault at once */
export const readSettings = <E extends TProperties>(
  declared: E,
  variables: Record<string, string | undefined>,
  { onFault = () => undefined }: ReadOptions = {},
): Environment<E> => {
  const all = Object.entries<TSchema>({ SECRETS_DIR: kitEnv.SECRETS_DIR, ...declared })
  const plain = Type.Object(Object.fromEntries(all.filter(([, schema]) => !isSecret(schema))))
  const given: Record<string, unknown> = {}
  for (const name of Object.keys(plain.properties)) {
    const value = variables[name]
    if (value !== undefined && value !== '') given[name] = value
  }
  const config = Value.Default(plain, Value.Convert(plain, given)) as Record<string, unknown>
  const faults = Value.Errors(plain, config).flatMap((error) => faultsOf(error))
  const folder = String(config['SECRETS_DIR'])
  for (const [name, schema] of all.filter(([, each]) => isSecret(each))) {
    try {
      const secret = openSecret(name, { schema, variable: variables[name], folder, onFault })
      if (secret !== null) config[name] = secret
    } catch (error) {
      faults.push((error as Error).message)
    }
  }
  if (faults.length > 0) throw new EnvironmentError([...new Set(faults)])
  return Object.freeze(config) as Environment<E>
}

const faultsOf = (error: {
  keyword: string
  instancePath: string
  params: object
  message: string
}): string[] =>
  error.keyword === 'required' && 'requiredProperties' in error.params
    ? (error.params.requiredProperties as string[]).map((name) => `${name} is missing`)
    : [`${error.instancePath.slice(1)} ${error.message}`]
