import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  allGroups,
  consoleClientId,
  emailOf,
  groupsOf,
  issuer,
  userNames,
  userPoolId,
} from './identities.ts'
import { answersOk, manageProcess } from '@porttrack/local-postgres/managed-process'
import type { Crash, ManagedProcess } from '@porttrack/local-postgres/managed-process'
import type { Secrets } from './secrets.ts'
import { readStateFile, writeStateFile } from './state-files.ts'

export interface CognitoOptions {
  readonly stateDirectory: string
  readonly port: number
  readonly secrets: Secrets
  readonly logFile: string
  readonly compileCache: string
  readonly onCrash: (crash: Crash) => void
}

/** How the stand-in writes a user pool down. */
interface PoolFile {
  readonly Users: Readonly<Record<string, unknown>>
  readonly Groups: Readonly<Record<string, { readonly members?: readonly string[] }>>
  readonly Options: unknown
}

/**
 * The Cognito stand-in, not yet started, with its pool, client, groups and users written down.
 *
 * The seeded users and groups are written afresh at each start; what was added to the pool besides
 * them stays.
 */
export async function openCognito(options: CognitoOptions): Promise<ManagedProcess> {
  const directory = join(options.stateDirectory, 'cognito')
  await mkdir(join(directory, '.cognito', 'db'), { recursive: true, mode: 0o700 })
  const poolFile = join(directory, '.cognito', 'db', `${userPoolId}.json`)
  // A stand-in killed while it wrote leaves half a file: then only the seeded users remain.
  const kept = await readStateFile<PoolFile>(poolFile).catch(() => undefined)
  await Promise.all([
    writeStateFile(join(directory, '.cognito', 'config.json'), {
      TokenConfig: { IssuerDomain: dirname(issuer) },
      ServerConfig: { port: options.port, hostname: '127.0.0.1' },
    }),
    writeStateFile(join(directory, '.cognito', 'db', 'clients.json'), clientsFile()),
    writeStateFile(poolFile, seededPool(options.secrets, kept)),
  ])
  return manageProcess({
    name: 'cognito',
    command: process.execPath,
    arguments: [createRequire(import.meta.url).resolve('cognito-local/lib/bin/start.js')],
    environment: { NODE_COMPILE_CACHE: options.compileCache },
    directory,
    logFile: options.logFile,
    ready: async () => await answersOk(`http://127.0.0.1:${options.port}/health`),
    readyTimeoutMs: 60_000,
    endsWithParent: true,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    onCrash: options.onCrash,
  })
}

/** Where the stand-in publishes the keys of the pool. */
export function keysUrl(port: number): string {
  return `http://127.0.0.1:${port}/${userPoolId}/.well-known/jwks.json`
}

function clientsFile(): unknown {
  return {
    Clients: {
      [consoleClientId]: {
        ClientId: consoleClientId,
        ClientName: 'console',
        UserPoolId: userPoolId,
        AllowedOAuthFlowsUserPoolClient: false,
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        AccessTokenValidity: 60,
        IdTokenValidity: 60,
        RefreshTokenValidity: 30,
        TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'days' },
        RefreshTokens: [],
        CreationDate: seedTime,
        LastModifiedDate: seedTime,
      },
    },
  }
}

const seedTime = '2026-01-01T00:00:00.000Z'

function seededPool(secrets: Secrets, kept: PoolFile | undefined): PoolFile {
  const seededUsers = Object.fromEntries(
    userNames.map((name) => {
      const { subject, password } = secrets.users[name]
      const user = {
        Username: subject,
        Password: password,
        Attributes: [
          { Name: 'email', Value: emailOf(name) },
          { Name: 'email_verified', Value: 'true' },
          { Name: 'sub', Value: subject },
        ],
        Enabled: true,
        UserStatus: 'CONFIRMED',
        UserCreateDate: seedTime,
        UserLastModifiedDate: seedTime,
        RefreshTokens: [],
      }
      return [subject, user]
    }),
  )
  const seededGroups = Object.fromEntries(
    allGroups().map((group) => {
      const seeded = userNames
        .filter((name) => groupsOf(name).includes(group))
        .map((name) => secrets.users[name].subject)
      const others = (kept?.Groups[group]?.members ?? []).filter(
        (member) => !Object.hasOwn(seededUsers, member),
      )
      const entry = {
        GroupName: group,
        CreationDate: seedTime,
        LastModifiedDate: seedTime,
        members: [...seeded, ...others],
      }
      return [group, entry]
    }),
  )
  return {
    Users: { ...kept?.Users, ...seededUsers },
    Groups: { ...kept?.Groups, ...seededGroups },
    Options: {
      Id: userPoolId,
      Name: 'porttrack',
      UsernameAttributes: ['email'],
      MfaConfiguration: 'OFF',
      SchemaAttributes: [],
    },
  }
}
