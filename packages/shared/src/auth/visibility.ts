import { type Grant, holds } from './access.ts'
import type { Caller } from './caller.ts'

/** Whose resources a caller may see: everyone's, or those of the named organisations. */
export type Visibility = 'all' | readonly string[]

/**
 * Whose resources a caller may do with what a grant allows. A user is bound to an organisation, and
 * sees nothing without one, unless a role that is not `ownOnly` there gives the permission: a viewer
 * who is agent besides sees everyone's, and announces and changes its own organisation's only. A
 * machine is bound when its token names an organisation; without, it is the port's own.
 */
export const visibilityBy = (caller: Caller, grant: Grant): Visibility => {
  const { kind, organization } = caller
  const ownOnly: readonly string[] = grant === 'everyone' ? [] : (grant.ownOnly ?? [])
  const portRoles = caller.roles.filter((role) => !ownOnly.includes(role))
  const bound =
    kind === 'user' ? !holds({ ...caller, roles: portRoles }, grant) : organization !== null
  if (!bound) return 'all'
  return organization === null ? [] : [organization]
}

/** Whether a caller sees what is of an organisation; of none, only who sees everyone's does. */
export const sees = (visibility: Visibility, organization: string | null): boolean =>
  visibility === 'all' || (organization !== null && visibility.includes(organization))
