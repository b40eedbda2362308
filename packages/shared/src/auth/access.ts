import type { Caller } from './caller.ts'

/** The roles of PortTrack's users: groups of the Cognito user pool. */
export const roles = [
  'admin',
  'harbour-master',
  'berth-planner',
  'terminal-planner',
  'gate-clerk',
  'staff-planner',
  'agent',
  'service-provider',
  'viewer',
] as const

export type Role = (typeof roles)[number]

/**
 * Who holds a permission: any one of these suffices, and whoever is not named is refused.
 * `everyone` is every caller with an accepted token, for doors that have their own table behind.
 */
export type Grant = 'everyone' | NamedGrant

type NamedGrant = {
  roles: readonly Role[]
  scopes: readonly string[]
  /** Those of the roles whose holders may do it only with what is their own organisation's. */
  ownOnly?: readonly Role[]
  /** Other PortTrack services, by name; only the event feed is for them. */
  services?: readonly string[]
}

/** A service's whole answer to "who may do what". */
export type Access<P extends string = string> = {
  readonly grants: Readonly<Record<P, Grant>>
  /** A route's `config` that asks for a permission; a name that is not granted does not compile. */
  permit(permission: P): { permission: P }
}

/** Builds a service's access table. `feed:read` guards the event feed and must always be decided. */
export const defineAccess = <const P extends string>(
  grants: Readonly<Record<P | 'feed:read', Grant>>,
): Access<P | 'feed:read'> => ({ grants, permit: (permission) => ({ permission }) })

/** Whether `caller` holds a grant by role, by scope or, for a service, by its name. */
export const holds = (caller: Caller, grant: Grant): boolean => {
  if (grant === 'everyone') return true
  if (caller.kind === 'service') return grant.services?.includes(caller.subject) ?? false
  return (
    caller.roles.some((role) => (grant.roles as readonly string[]).includes(role)) ||
    caller.scopes.some((scope) => grant.scopes.includes(scope))
  )
}
