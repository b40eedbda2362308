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
  return lines([
    ['gateway', platform.gatewayUrl],
    ['API reference', `${platform.gatewayUrl}/reference`],
    ['OpenAPI', `${platform.gatewayUrl}/openapi.json`],
    ['metrics', `${platform.managementUrl('gateway')}/metrics (each service has its own)`],
    ['logs', `${platform.stateDirectory}/logs`],
  ])
}

export function whoMaySignIn(secrets: Secrets): string {
  const rows = userNames.map((name) => {
    const [role = '', organisation = ''] = groupsOf(name)
    return [role, emailOf(name), secrets.users[name].password, organisation]
  })
  return `${lines([['role', 'email', 'password', ''], ...rows])}
  machine clients: ${machineClientNames.join(', ')}
  an access token: npx -y pnpm@12 -s access-token <role or machine client>`
}

export function whatToTry(suggestions: readonly Suggestion[]): string {
  return suggestions.map(({ what, command }) => `  # ${what}\n  ${command}`).join('\n\n')
}

export function describeCrash(crash: Crash): string {
  const said = crash.lines.map((line) => `    ${line}`).join('\n')
  return `${crash.name} ended: ${crash.how}
${said === '' ? '    (it wrote nothing)' : said}
  all that it wrote: ${crash.logFile}`
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
  if (error instanceof AlreadyRunningError) return error.message
  if (error instanceof StartError) {
    const said = error.crash.lines.map((line) => `    ${line}`).join('\n')
    return `${error.message}
${said === '' ? '    (it wrote nothing)' : said}
  all that it wrote: ${error.crash.logFile}`
  }
  return error instanceof Error ? error.message : String(error)
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
