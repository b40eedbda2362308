import { type Grant, holds } from '@porttrack/shared/auth/access'
import type { Caller } from '@porttrack/shared/auth/caller'
import { access } from './access.ts'

/** Code of an organisation, as tokens name it. */
export const organizationPattern = '^[a-z0-9][a-z0-9-]{0,62}$'

/** Whose cargo a caller may see: everyone's, or that of the named organisations. */
export type Visibility = 'all' | readonly string[]

/**
 * Whose cargo a caller may do with what `permission` allows. A user is bound to an organisation, and
 * sees nothing without one, unless a role that is not `ownOnly` there gives the permission. A machine
 * is bound when its token names an organisation; without, it is the port's own.
 */
export const visibilityOf = (
  caller: Caller,
  permission: keyof typeof access.grants,
): Visibility => {
  const { kind, organization } = caller
  const grant: Grant = access.grants[permission]
  const ownOnly: readonly string[] = grant === 'everyone' ? [] : (grant.ownOnly ?? [])
  const portRoles = caller.roles.filter((role) => !ownOnly.includes(role))
  const bound =
    kind === 'user' ? !holds({ ...caller, roles: portRoles }, grant) : organization !== null
  if (!bound) return 'all'
  return organization === null ? [] : [organization]
}

/** Whether a caller sees what is of an organisation, or of none when it is null. */
export const sees = (visibility: Visibility, organization: string | null): boolean =>
  visibility === 'all' || (organization !== null && visibility.includes(organization))
