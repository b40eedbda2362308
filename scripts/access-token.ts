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

/** Prints an access token of the platform that runs in this clone, and nothing else. */
async function main(commandLine: readonly string[]): Promise<number> {
  const [name, ...rest] = commandLine
  if (name === undefined || rest.length > 0 || !(isUserName(name) || isMachineClientName(name))) {
    const problem =
      name === undefined || rest.length > 0
        ? 'usage: npx -y pnpm@12 -s access-token <role or machine client>'
        : `there is no role or machine client "${name}"`
    process.stderr.write(
      `${problem}\n  roles: ${userNames.join(', ')}\n` +
        `  machine clients: ${machineClientNames.join(', ')}\n`,
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
