import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { machineClientNames, userNames } from './identities.ts'
import type { MachineClientName, UserName } from './identities.ts'
import { readStateFile, writeStateFile } from './state-files.ts'

/** What one state folder's platform keeps from everybody else; made at its first start. */
export interface Secrets {
  readonly superuserPassword: string
  /** By service. */
  readonly databasePasswords: Readonly<Record<string, string>>
  /** By process. */
  readonly cursorKeys: Readonly<Record<string, string>>
  /** By process. */
  readonly webhookKeys: Readonly<Record<string, string>>
  readonly users: Readonly<Record<UserName, UserSecret>>
  readonly machineClients: Readonly<Record<MachineClientName, string>>
}

export interface UserSecret {
  readonly password: string
  /** The user's id in the pool, a UUID, which must stay the same between starts. */
  readonly subject: string
}

/** The secrets of a state folder, or undefined when no platform was started there. */
export async function readSecrets(stateDirectory: string): Promise<Secrets | undefined> {
  return await readStateFile<Secrets>(secretsFile(stateDirectory))
}

/** Reads the secrets of a state folder and makes those that are missing. */
export async function prepareSecrets(
  stateDirectory: string,
  processes: readonly string[],
): Promise<Secrets> {
  const kept = await readSecrets(stateDirectory)
  const secrets: Secrets = {
    superuserPassword: kept?.superuserPassword ?? randomKey(),
    databasePasswords: complete(processes, kept?.databasePasswords, randomKey),
    cursorKeys: complete(processes, kept?.cursorKeys, randomKey),
    webhookKeys: complete(processes, kept?.webhookKeys, randomKey),
    users: complete(userNames, kept?.users, () => ({
      password: readablePassword(),
      subject: randomUUID(),
    })),
    machineClients: complete(machineClientNames, kept?.machineClients, randomKey),
  }
  await writeStateFile(secretsFile(stateDirectory), secrets)
  return secrets
}

function complete<Name extends string, Value>(
  names: readonly Name[],
  kept: Readonly<Partial<Record<Name, Value>>> | undefined,
  make: () => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, kept?.[name] ?? make()])) as Record<
    Name,
    Value
  >
}

function secretsFile(stateDirectory: string): string {
  return join(stateDirectory, 'secrets.json')
}

function randomKey(): string {
  return randomBytes(32).toString('base64url')
}

/** Easy to read out, and within Cognito's usual policy: both cases, a digit and a symbol. */
function readablePassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  for (;;) {
    const groups = [1, 2, 3, 4].map(() =>
      [1, 2, 3, 4].map(() => alphabet.charAt(randomInt(alphabet.length))).join(''),
    )
    const password = groups.join('-')
    if (/[a-z]/.test(password) && /[A-Z]/.test(password) && /\d/.test(password)) return password
  }
}
