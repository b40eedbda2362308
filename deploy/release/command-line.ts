import { parseArgs } from 'node:util'
import { environments, serviceNamed, type Service, services } from '@porttrack/pipeline/services'
import type { Image } from './cluster.ts'
import { type Environment, type Settings, settingsOf } from './settings.ts'
import { misfit } from './time-budget.ts'

/** The command line is not one that means something. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A week: no wait of a release is longer, and timers take no more than 24 days. */
const longest = 604_800

type Action = 'release' | 'reconcile' | 'rollback' | 'status'

export type Request = {
  action: Action
  service: Service
  environment: Environment
  /** What to release; null for the other actions. */
  image: Image | null
  /** What to roll back to; null for the release before. */
  revision: number | null
  prometheus: string
  settings: Settings
  dryRun: boolean
  /** Whether what stable pods share with a canary may change as soon as that begins. */
  changesShared: boolean
  json: boolean
}

const actions = ['release', 'reconcile', 'rollback', 'status'] as const

/** The settings that a flag may change, each a number of its unit. */
const numbers = {
  window: 'window',
  interval: 'interval',
  'minimum-requests': 'minimumRequests',
  patience: 'patience',
  verification: 'verification',
  'helm-timeout': 'helmTimeout',
  'rollback-timeout': 'rollbackTimeout',
  'release-limit': 'releaseLimit',
  'weight-timeout': 'weightTimeout',
  'lock-timeout': 'lockTimeout',
  'lock-duration': 'lockDuration',
} as const satisfies Record<string, keyof Settings>

export const usage = `Takes a version of a service to its callers, a part of them first, or back.

  release <service> <environment> --version v1.2.0 --digest sha256:…
  release reconcile <service> <environment>   finishes what an ended run has left
  release rollback <service> <environment>    back to the release before [--revision N]
  release status <service> <environment>

  services:      ${services.join(', ')}
  environments:  ${environments.join(', ')}

  --prometheus URL   where figures are asked for; or PROMETHEUS_URL
  --dry-run          tells what would be done, and changes nothing
  --change-shared    lets a chart or values change what stable pods share with a canary at once
  --json             a line of JSON for each event on standard output, for people on standard error
  --help

Instead of the environment's own, in seconds: --window, --interval, --patience, --verification,
--helm-timeout, --rollback-timeout, --release-limit, --weight-timeout, --lock-timeout,
--lock-duration; and --minimum-requests.

Exit codes: 0 done · 1 not released, the stable release serves everyone · 2 usage ·
3 the rollback is not confirmed, look at once · 4 another run has the lock ·
5 not begun, what serves is not known
`

/**
 * Reads the command line.
 *
 * @returns null when the usage is asked for
 * @throws UsageError
 */
export const readCommandLine = (
  args: readonly string[],
  environmentVariables: Readonly<Record<string, string | undefined>>,
): Request | null => {
  const { values, positionals } = parse(args)
  if (values.help === true) return null
  const [first = ''] = positionals
  const named = actions.find((each) => each === first)
  const action = named ?? 'release'
  const [service, environment, ...more] = named ? positionals.slice(1) : positionals
  if (service === undefined || environment === undefined || more.length > 0) {
    throw new UsageError('one service and one environment are needed')
  }
  refuseStray(action, values)
  const found = environmentNamed(environment)
  const settings = { ...settingsOf[found], ...changed(values) }
  const fault = misfit(settings)
  if (fault !== null) throw new UsageError(fault)
  return {
    action,
    service: known(service),
    environment: found,
    image: action === 'release' ? imageOf(values) : null,
    revision: revisionOf(values.revision),
    prometheus: prometheusOf(values.prometheus ?? environmentVariables['PROMETHEUS_URL'], action),
    settings,
    dryRun: values['dry-run'] ?? false,
    changesShared: values['change-shared'] ?? false,
    json: values.json ?? false,
  }
}

type Values = ReturnType<typeof parse>['values']

const parse = (args: readonly string[]) => {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        version: text,
        digest: text,
        revision: text,
        prometheus: text,
        'dry-run': flag,
        'change-shared': flag,
        json: flag,
        help: flag,
        window: text,
        interval: text,
        'minimum-requests': text,
        patience: text,
        verification: text,
        'helm-timeout': text,
        'rollback-timeout': text,
        'release-limit': text,
        'weight-timeout': text,
        'lock-timeout': text,
        'lock-duration': text,
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** Flags that only one action has a use for: with another, something else was meant. */
const onlyOf = {
  version: 'release',
  digest: 'release',
  'change-shared': 'release',
  revision: 'rollback',
} as const satisfies Partial<Record<keyof Values, Action>>

const refuseStray = (action: Action, values: Values): void => {
  for (const [flag, only] of Object.entries(onlyOf)) {
    if (action !== only && values[flag as keyof typeof onlyOf] !== undefined) {
      throw new UsageError(`--${flag} is for ${only}, not for ${action}`)
    }
  }
}

const known = (service: string): Service => {
  try {
    return serviceNamed(service)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const environmentNamed = (name: string): Environment => {
  const found = environments.find((environment) => environment === name)
  if (found === undefined) {
    throw new UsageError(`"${name}" is no environment: ${environments.join(', ')}`)
  }
  return found
}

/** A digest is what runs, a version what people call it by; a comma would end a value for helm. */
const imageOf = ({ version, digest }: Values): Image => {
  if (version === undefined) throw new UsageError('--version is missing')
  if (digest === undefined) throw new UsageError('--digest is missing')
  if (!/^v\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version)) {
    throw new UsageError(`--version "${version}" is none like v1.2.0 or v1.2.0-canary.3`)
  }
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new UsageError(`--digest "${digest}" is none like sha256: and 64 hexadecimal digits`)
  }
  return { tag: version, digest }
}

const revisionOf = (text = ''): number | null => {
  if (text === '') return null
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--revision "${text}" is no revision of helm`)
  return Number(text)
}

/** As the charts have it; a rollback must not fail for want of an address. */
const clusterPrometheus = 'http://prometheus-operated.monitoring:9090'

const prometheusOf = (text = '', action: Action): string => {
  if (text === '' && action !== 'release') return clusterPrometheus
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new UsageError(`--prometheus or PROMETHEUS_URL must be a URL, not "${text}"`)
  }
  return text
}

const changed = (values: Values): Partial<Settings> =>
  Object.fromEntries(
    Object.entries(numbers).flatMap(([flag, setting]) => {
      const text = values[flag as keyof typeof numbers]
      if (text === undefined) return []
      const number = Number(text)
      if (
        text.trim() === '' ||
        !Number.isFinite(number) ||
        number < 0 ||
        number > longest ||
        (flag === 'interval' && number === 0)
      ) {
        throw new UsageError(`--${flag} "${text}" is no positive number of at most ${longest}`)
      }
      return [[setting, number]]
    }),
  )
