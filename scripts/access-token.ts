import {
  isMachineClientName,
  isUserName,
  machineClientNames,
  userNames,
} from './platform/identities.ts'
import { developmentStateDirectory } from './platform/repository.ts'
import { findRunning } from './platform/running.ts'
import { readSecrets } from './platform/secrets.ts'
import { signIn } from './platform/sign-in.ts'

const usage = `usage: npx -y pnpm@12 -s access-token <user or machine client>

  users, named after their roles: ${userNames.join(', ')}
  machine clients: ${machineClientNames.join(', ')}
`

/** Prints an access token of the platform that runs in this clone, and nothing else. */
async function main(commandLine: readonly string[]): Promise<number> {
  const [name, ...rest] = commandLine
  if (name === '--help' || name === '-h') {
    process.stdout.write(usage)
    return 0
  }
  if (name === undefined || rest.length > 0 || !(isUserName(name) || isMachineClientName(name))) {
    const asked = name !== undefined && rest.length === 0
    process.stderr.write(
      `${asked ? `there is no user or machine client "${name}"\n\n` : ''}${usage}`,
    )
    return 2
  }
  const [running, secrets] = await Promise.all([
    findRunning(developmentStateDirectory),
    readSecrets(developmentStateDirectory),
  ])
  if (running === undefined || secrets === undefined) {
    process.stderr.write('PortTrack is not running here: start it with  npx -y pnpm@12 dev\n')
    return 1
  }
  const { ports } = running
  try {
    const { token } = await signIn(name, {
      cognitoPort: ports.cognito,
      tokensPort: ports.tokens,
      secrets,
    })
    process.stdout.write(`${token}\n`)
    return 0
  } catch (error) {
    const unreachable = error instanceof TypeError || (error as Error).name === 'TimeoutError'
    process.stderr.write(
      unreachable
        ? 'PortTrack does not take sign-ins yet: try again when it has started\n'
        : `${(error as Error).message}\n`,
    )
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
