import { emailOf, groupsOf, machineClientNames, userNames } from '../platform/identities.ts'
import type { Platform } from '../platform/platform.ts'
import { PortsTakenError } from '../platform/platform.ts'
import { StartError } from '@porttrack/local-postgres/managed-process'
import type { Crash } from '@porttrack/local-postgres/managed-process'
import { AlreadyRunningError } from '../platform/running.ts'
import type { Secrets } from '../platform/secrets.ts'

/** A command for people to copy, with what it does. */
export interface Suggestion {
  readonly what: string
  readonly command: string
}

export function whereToLook(platform: Platform): string {
  const certificates = `${platform.stateDirectory}/tls (what each process shows the others)`
  return lines([
    ['gateway', platform.gatewayUrl],
    ['API reference', `${platform.gatewayUrl}/reference`],
    ['OpenAPI', `${platform.gatewayUrl}/openapi.json`],
    ['metrics', `${platform.managementUrl('gateway')}/metrics (each service has its own)`],
    ['logs', `${platform.stateDirectory}/logs`],
    ...(platform.serviceUrl('barcos').startsWith('https:') ? [['certificates', certificates]] : []),
  ])
}

export function whoMaySignIn(secrets: Secrets): string {
  const rows = userNames.map((name) => {
    return [name, emailOf(name), secrets.users[name].password, groupsOf(name).join(', ')]
  })
  return `${lines([['user', 'email', 'password', 'groups'], ...rows])}
  machine clients: ${machineClientNames.join(', ')}
  an access token: npx -y pnpm@12 -s access-token <user or machine client>`
}

export function whatToTry(suggestions: readonly Suggestion[]): string {
  return suggestions.map(({ what, command }) => `  # ${what}\n  ${command}`).join('\n\n')
}

export function describeCrash(crash: Crash): string {
  return `${crash.name} ended: ${crash.how}
${whatItSaid(crash)}`
}

/** Why the start failed, in words that say what to do about it. */
export function describeFailure(error: unknown): string {
  if (error instanceof PortsTakenError) {
    const choices = error.taken.map((name) =>
      name === 'gateway' ? '--port <n>' : `--ports ${name}=<n>`,
    )
    return `${error.message}
  choose another with ${choices.join(' ')}, or move all of them with --offset <n>`
  }
  if (error instanceof AlreadyRunningError) {
    return `${error.message}
  stop it there with Ctrl-C, or run a second one from another clone with --offset <n>`
  }
  if (error instanceof StartError) {
    return `${error.message}
${whatItSaid(error.crash)}`
  }
  return error instanceof Error ? error.message : String(error)
}

function whatItSaid({ lines: said, logFile }: Crash): string {
  const shown = said.length === 0 ? ['(it wrote nothing)'] : said.flatMap(readableLogLines)
  return [...shown.map((line) => `    ${line}`), `  all that it wrote: ${logFile}`].join('\n')
}

interface LogRecord {
  readonly '@timestamp'?: string
  readonly 'log.level'?: string
  readonly message?: string
  readonly error?: { readonly message?: string; readonly stack_trace?: string }
  readonly [field: string]: unknown
}

/** A line of a service's log (ECS, JSON) as people read one; any other line as it is. */
export function readableLogLines(line: string): string[] {
  const record = logRecordOf(line)
  if (record === undefined) return [line]
  const request = ['http.request.method', 'url.path', 'http.response.status_code']
    .map((field) => record[field])
    .filter((value) => typeof value === 'string' || typeof value === 'number')
  const { '@timestamp': time = '', 'log.level': level = '', message = '', error } = record
  const trouble = error?.stack_trace ?? error?.message
  return [
    [time.slice(11, 23), level, message, ...request].filter((part) => part !== '').join(' '),
    ...(trouble === undefined ? [] : trouble.split('\n').map((part) => `  ${part}`)),
  ]
}

function logRecordOf(line: string): LogRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null && 'message' in parsed
      ? (parsed as LogRecord)
      : undefined
  } catch {
    return undefined
  }
}

function lines(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`)
    .map((line) => line.trimEnd())
    .join('\n')
}
