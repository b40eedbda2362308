import { createHash } from 'node:crypto'
import { roles } from '@porttrack/shared/auth/access'
import type { Role } from '@porttrack/shared/auth/access'

interface SeededUser {
  readonly role: Role
  /** Whose calls the user may see: the group `org.<organisation>`. */
  readonly organisation?: string
}

/** One user for each role under its name, and two who must not see what the others own. */
const users = {
  admin: { role: 'admin' },
  'harbour-master': { role: 'harbour-master' },
  'berth-planner': { role: 'berth-planner' },
  'terminal-planner': { role: 'terminal-planner' },
  'gate-clerk': { role: 'gate-clerk' },
  'staff-planner': { role: 'staff-planner' },
  agent: { role: 'agent', organisation: 'acme' },
  'other-agent': { role: 'agent', organisation: 'globex' },
  'service-provider': { role: 'service-provider', organisation: 'pilots' },
  'tug-company': { role: 'service-provider', organisation: 'tugs' },
  viewer: { role: 'viewer' },
} as const satisfies Record<string, SeededUser>

export type UserName = keyof typeof users

export const userNames = Object.keys(users) as UserName[]

/** Machines that sign in with a client secret, and the scopes that each may ask for. */
const machineClients = {
  'ais-receiver': ['rutas/ais.write'],
  carrier: ['barcos/read', 'barcos/write', 'carga/read', 'carga/write', 'org/acme'],
  reader: ['barcos/read', 'carga/read', 'rutas/read', 'personal/read'],
} as const satisfies Record<string, readonly string[]>

export type MachineClientName = keyof typeof machineClients

export const machineClientNames = Object.keys(machineClients) as MachineClientName[]

export const userPoolId = 'eu-west-1_PortTrack1'
export const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`

/** The client through which people sign in. */
export const consoleClientId = clientId('console')

/** Every client whose tokens the platform accepts. */
export const acceptedClientIds = [consoleClientId, ...machineClientNames.map(clientId)]

export function isUserName(name: string): name is UserName {
  return Object.hasOwn(users, name)
}

export function isMachineClientName(name: string): name is MachineClientName {
  return Object.hasOwn(machineClients, name)
}

export function emailOf(name: UserName): string {
  return `${name}@porttrack.example`
}

/** The role and, where there is one, `org.<organisation>`. */
export function groupsOf(name: UserName): string[] {
  const { role, organisation }: SeededUser = users[name]
  return organisation === undefined ? [role] : [role, `org.${organisation}`]
}

/** All groups of the pool: the roles, whoever has them, and the organisations of the users. */
export function allGroups(): string[] {
  return [...new Set([...roles, ...userNames.flatMap(groupsOf)])]
}

export function scopesOf(name: MachineClientName): readonly string[] {
  return machineClients[name]
}

/** 26 letters and digits, as Cognito gives, the same on every machine. */
export function clientId(name: string): string {
  const digest = createHash('sha256').update(`porttrack ${name}`).digest('hex')
  return BigInt(`0x${digest}`).toString(36).slice(0, 26)
}
