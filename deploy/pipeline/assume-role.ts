import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from './run-command.ts'
import { variable } from './variables.ts'

/**
 * Lets the steps that follow act as AWS's role `AWS_ROLE_ARN`, by the identity that GitHub gives this
 * job. No key of AWS is stored anywhere. The role's trust policy names the subject, which ends in
 * `:environment:<name>` and has the owner's and repository's ids in repositories made after
 * 15 July 2026 (`repo:owner@1/name@2:environment:prod`).
 *
 * AWS's programs are told whom to ask for credentials instead of being given some: those hold for an
 * hour, and a release through all its steps takes longer.
 */
const folder = join(variable('RUNNER_TEMP'), 'aws')
await mkdir(folder, { recursive: true, mode: 0o700 })
const config = join(folder, 'config')
const program = fileURLToPath(new URL('role-credentials.ts', import.meta.url))
await writeFile(config, `[default]\ncredential_process = "${process.execPath}" "${program}"\n`)

// Once at the beginning, where it is seen whether the role may be taken.
process.env['AWS_CONFIG_FILE'] = config
await runCommand(process.execPath, program)

const variables = { AWS_CONFIG_FILE: config, AWS_ROLE_ARN: variable('AWS_ROLE_ARN') }
const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`)
await appendFile(variable('GITHUB_ENV'), lines.join(''))
