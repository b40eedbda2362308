import { isSecret } from '@porttrack/shared/service/secret'
import { kitEnv } from '@porttrack/shared/service/env'
import type { AnyService } from '@porttrack/shared/service/define-service'
import { services } from '@porttrack/pipeline/services'
import { type TSchema, Type } from 'typebox'

/** Settings that the charts give by themselves, beside the addresses of other processes. */
const given: ReadonlySet<string> = new Set([
  'HOST',
  'PORT',
  'MANAGEMENT_PORT',
  'SERVICE_VERSION',
  'SECRETS_DIR',
  'AUTH_MODE',
  'INTERNAL_KEY_SET_FILE',
  'COGNITO_USER_POOL_ID',
  'COGNITO_CLIENT_IDS',
  'COGNITO_JWKS_URL',
  'TLS_MODE',
  'TLS_DIR',
  'TLS_TRUST_DOMAIN',
  'PUBLIC_TLS_DIR',
  'DEVELOPMENT_KEYS',
  'BACKGROUND',
  'DRAIN_SECONDS',
  'UPSTREAMS_DIR',
])

/** An object of values, each of which has a default in the library's values.yaml. */
const values = (properties: Record<string, TSchema>, description?: string): TSchema =>
  Type.Partial(Type.Object(properties), {
    additionalProperties: false,
    ...(description ? { description } : {}),
  })
const text = (description?: string): TSchema =>
  Type.String(description === undefined ? {} : { description })
const oneOf = (values: readonly string[], description?: string): TSchema =>
  Type.Unsafe({ type: 'string', enum: values, ...(description ? { description } : {}) })
const anyObject = (description?: string): TSchema =>
  Type.Unsafe({ type: 'object', ...(description ? { description } : {}) })
const listOf = (items: TSchema, description?: string): TSchema =>
  Type.Array(items, description === undefined ? {} : { description })
const count = (minimum: number, maximum: number, description?: string): TSchema =>
  Type.Integer({ minimum, maximum, ...(description ? { description } : {}) })
const peers = (description: string): TSchema => listOf(anyObject(), description)
const strings = (description?: string): TSchema =>
  listOf(Type.String({ minLength: 1 }), description)
const texts = (description?: string): TSchema =>
  Type.Unsafe({
    type: 'object',
    additionalProperties: { type: 'string' },
    ...(description ? { description } : {}),
  })

const digest = (description: string): TSchema =>
  Type.String({ pattern: '^(sha256:[0-9a-f]{64})?$', description })
const duration = Type.String({ pattern: '^([0-9]+(h|m|s))+$' })

const quantities = values({
  cpu: Type.Union([Type.String(), Type.Number()]),
  memory: Type.String(),
})

/** A rule that one value makes for another, at paths such as `canary.image.tag`. */
const when = (conditions: Record<string, TSchema>, results: Record<string, TSchema>): object => ({
  if: nested(conditions),
  // oxlint-disable-next-line unicorn/no-thenable
  then: nested(results),
})

/** The schema of an object that has, at each path, what is asked of it. */
const nested = (paths: Record<string, TSchema>): object => {
  const schemas = Object.entries(paths).map(([path, schema]) =>
    path
      .split('.')
      .toReversed()
      .reduce<object>(
        (inner, name) => ({ type: 'object', required: [name], properties: { [name]: inner } }),
        schema,
      ),
  )
  const [first, ...more] = schemas
  return first !== undefined && more.length === 0 ? first : { allOf: schemas }
}

const is = (value: string | boolean): TSchema => Type.Literal(value)
const present = Type.String({ minLength: 1 })
const some = Type.Array(Type.Unknown(), { minItems: 1 })
const trial = oneOf(['dev', 'test'])

const rules = [
  when({ 'canary.enabled': is(true) }, { 'canary.image.tag': present }),
  when({ environment: is('prod') }, { 'image.digest': present }),
  when({ environment: is('prod'), 'canary.enabled': is(true) }, { 'canary.image.digest': present }),
  when({ 'rollout.engine': oneOf(['argo', 'flagger']) }, { 'canary.split': is('route') }),
  when({ 'secrets.source': is('existing') }, { 'secrets.name': present }),
  when({ 'secrets.source': is('plain') }, { environment: trial }),
  ...Object.entries({ aws: 'aws.region', vault: 'vault.server' }).map(([provider, path]) =>
    when(
      { 'secrets.source': is('external'), 'secrets.store.provider': is(provider) },
      { [`secrets.store.${path}`]: present },
    ),
  ),
  when(
    { 'secrets.source': is('external'), 'secrets.store.provider': is('fake') },
    { environment: trial, 'secrets.store.fake.data': some },
  ),
]

/** A mesh splits below a Service only what it can read. */
const rulesOfServices = [
  when({ 'canary.split': is('route') }, { 'tls.mode': is('off') }),
  nested({ 'network.database': some }),
]

const rulesOfEntrances = [
  nested({
    'canary.split': is('route'),
    'cognito.userPoolId': present,
    'cognito.clientIds': some,
    'route.parentRefs': some,
  }),
]

/**
 * The schema of a chart's values: what is there, and what cannot work together. Settings are those of
 * the process itself.
 */
export const valuesSchema = (process: AnyService): object => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: `Values of the chart ${process.name}`,
  ...valuesOf(process),
  required: ['environment', 'image', 'process'],
  allOf: [...rules, ...(isEntrance(process) ? rulesOfEntrances : rulesOfServices)],
})

/** Of all processes, in the order that a version is released. */
const processNames: readonly string[] = services

const isEntrance = ({ authMode }: AnyService): boolean => authMode === 'cognito'

const settingsOf = ({ env }: AnyService): Record<string, TSchema> =>
  Object.fromEntries(
    Object.entries({ ...kitEnv, ...(env as Record<string, TSchema>) })
      .filter(([name, schema]) => !isSecret(schema) && !given.has(name) && !name.endsWith('_URL'))
      // What of a setting JSON Schema can say; the process itself checks the rest.
      .map(([name, schema]) => [name, JSON.parse(JSON.stringify(schema)) as TSchema]),
  )

const optionalSecretsOf = ({ env }: AnyService): string[] =>
  Object.entries({ ...kitEnv, ...(env as Record<string, TSchema>) })
    .filter(([, schema]) => isSecret(schema) && '~optional' in schema)
    .map(([name]) => name)

const valuesOf = (process: AnyService): TSchema =>
  values({
    environment: oneOf(['dev', 'test', 'staging', 'prod'], 'Where it runs'),
    process: values(
      {
        entrance: Type.Boolean({ description: 'Whether it is reached from outside' }),
        database: Type.Boolean({ description: 'Whether it has a database, and migrations' }),
        calls: strings('Processes that it calls'),
        calledBy: strings('Processes that call it'),
        secrets: strings('Secrets that it needs'),
        receivers: text('Setting that names what it hears beside its API'),
      },
      'What the process is; not an installation’s to change',
    ),
    image: values({
      registry: Type.String({
        minLength: 1,
        description: 'Where the images of all processes are, each below it by its name',
      }),
      repository: text('Where those of this process are, if elsewhere'),
      tag: Type.String({ minLength: 1, description: 'Version, for people' }),
      digest: digest('What is run, whatever the tag says by then; prod needs it'),
      pullPolicy: oneOf(['Always', 'IfNotPresent', 'Never']),
      pullSecrets: strings('Secrets that the registry asks for'),
    }),
    canary: values({
      enabled: Type.Boolean({ description: 'Whether there is one' }),
      image: values({
        tag: text('Version, for people; a canary needs it'),
        digest: digest('What is run; in prod a canary needs it'),
      }),
      weight: Type.Number({
        minimum: 0,
        maximum: 50,
        multipleOf: 1,
        description: 'Percent of callers',
      }),
      replicas: count(0, 100, 'Least pods; more where its weight asks for them'),
      stable: text(
        'Manifests of the stable Deployment and autoscaler as they stay; the release command gives them',
      ),
      split: oneOf(
        ['gateway', 'route'],
        'Who divides the callers: the gateway, or an HTTPRoute; of a service that takes a mesh, which excludes tls.mode mutual',
      ),
      lingerSeconds: count(
        0,
        600,
        'For how long a canary that is taken away goes on answering: until every gateway knows',
      ),
    }),
    rollout: values({
      engine: oneOf(
        ['native', 'argo', 'flagger'],
        'What moves the weight: the release command, Argo Rollouts or Flagger; the latter two take canary.split route',
      ),
      steps: listOf(count(1, 50), 'Weights that argo and flagger pass through'),
      stepMinutes: count(1, 1_440, 'How long each is measured'),
      minimumRequests: count(1, 1_000_000, 'Requests in a step without which it fails'),
      prometheus: Type.String({
        pattern: '^https?://',
        description: 'Where argo and flagger ask',
      }),
      backgroundReplicas: count(1, 10, 'Pods for consumers and jobs, with argo and flagger'),
    }),
    replicas: count(0, 100, 'Pods where autoscaling is off'),
    autoscaling: values({
      enabled: Type.Boolean(),
      minReplicas: count(1, 100),
      maxReplicas: count(1, 1_000),
      cpuUtilization: count(1, 100, 'Percent of the requested processor'),
    }),
    resources: values({ requests: quantities, limits: quantities }),
    drainSeconds: count(0, 60, 'Between saying "not ready" and closing'),
    settings: values(settingsOf(process), 'Environment variables, by name: configuration.md'),
    settingsFor: values(
      Object.fromEntries(
        processNames.map((name) => [
          name,
          // Those of the others are theirs to judge: one file is of all processes.
          name === process.name ? values(settingsOf(process)) : anyObject(),
        ]),
      ),
      'Environment variables of one process alone, by its name',
    ),
    receivers: values({
      type: oneOf(
        ['ClusterIP', 'NodePort', 'LoadBalancer'],
        'How AIS receivers reach rutas, which listens as its AIS_RECEIVERS say',
      ),
      annotations: texts('Such as what kind of load balancer'),
    }),
    cognito: values({
      userPoolId: text('User pool whose tokens are accepted'),
      clientIds: strings('App clients whose tokens are accepted'),
    }),
    secrets: values({
      source: oneOf(
        ['external', 'plain', 'existing'],
        'External Secrets; given as values, in dev and test only; or a Secret that is there',
      ),
      name: text('With existing: the Secret'),
      plain: texts('With plain: each secret by its name'),
      more: listOf(
        oneOf(optionalSecretsOf(process)),
        'Secrets that the process could do without, and that there are',
      ),
      prefix: Type.String({ minLength: 1, description: 'Before the names in the store' }),
      refreshInterval: duration,
      store: values({
        provider: oneOf(['aws', 'vault', 'kubernetes', 'fake']),
        aws: values({ region: text() }),
        vault: values({
          server: text(),
          path: text('Mount of the secrets (version 2)'),
          mountPath: text('Mount of the sign-in by Kubernetes'),
          role: text('Where it is not named after the process'),
        }),
        kubernetes: values({ secret: text('Where all of them are') }),
        fake: values({ data: listOf(values({ key: text(), value: text() })) }),
      }),
      database: values({
        host: text('Where the store has DB_PASSWORD instead of DATABASE_URL'),
        port: count(1, 65_535),
        parameters: text('Of the URL, such as sslmode=verify-full'),
      }),
    }),
    serviceAccount: values({
      annotations: texts(
        'Such as the role of a cloud that it may take; {{ .Chart.Name }} is the process',
      ),
    }),
    tls: values({
      mode: oneOf(['mutual', 'off'], 'mutual, or off in a mesh that encrypts'),
      trustDomain: Type.String({ pattern: '^[a-z0-9._-]{1,255}$' }),
      issuer: values({ name: text(), kind: oneOf(['Issuer', 'ClusterIssuer']), group: text() }),
      duration,
      renewBefore: duration,
    }),
    route: values({
      parentRefs: listOf(anyObject(), 'Gateways by which the entrance is reached'),
      hostnames: strings('Its domains'),
    }),
    network: values({
      ingress: peers('From where the entrance is reached'),
      monitoring: peers('Prometheus'),
      database: peers('The database'),
      databasePort: count(1, 65_535),
      telemetry: peers('The collector of traces'),
      store: peers('Valkey or Redis, of the gateway'),
      receivers: peers('What may send to AIS receivers that listen'),
      stations: peers('The stations that AIS receivers connect to'),
      egress: listOf(anyObject(), 'Whole rules, for what else there is'),
    }),
    monitoring: values({
      enabled: Type.Boolean({ description: 'Whether there is a Prometheus operator' }),
      interval: duration,
      runbooks: text('Where the pages are that alerts name'),
      labels: texts('By which Prometheus finds monitors and rules'),
    }),
    migrations: values({ timeoutSeconds: count(1, 86_400) }),
    scheduling: values({
      nodeSelector: texts(),
      tolerations: listOf(anyObject()),
      priorityClassName: text(),
    }),
    // Helm's own: the library's values, and those of every chart.
    service: anyObject(),
    global: anyObject(),
  })
