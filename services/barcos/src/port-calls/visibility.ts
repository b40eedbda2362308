import { holds } from '@porttrack/shared/auth/access'
import type { Caller } from '@porttrack/shared/auth/caller'
import { access } from '../access.ts'

/** Whose port calls a caller may see: everyone's, or those of the named organisations. */
export type Visibility = 'all' | readonly string[]

/** Roles that see the port through the eyes of one organisation. */
const boundRoles: ReadonlySet<string> = new Set(['agent', 'service-provider'])

/**
 * Whose calls a caller may do with what `permission` allows. A user is bound to an organisation, and
 * sees nothing without one, unless another role than agent and service provider gives the permission:
 * a viewer who is agent besides sees every call, and announces and changes its own organisation's
 * only. A machine is bound when its token names an organisation; without, it is the port's own.
 */
export const visibilityOf = (
  caller: Caller,
  permission: keyof typeof access.grants,
): Visibility => {
  const { kind, organization } = caller
  const portRoles = caller.roles.filter((role) => !boundRoles.has(role))
  const bound =
    kind === 'user'
      ? !holds({ ...caller, roles: portRoles }, access.grants[permission])
      : organization !== null
  if (!bound) return 'all'
  return organization === null ? [] : [organization]
}

/** Whether a caller sees the calls of `organization`. */
export const sees = (visibility: Visibility, organization: string): boolean =>
  visibility === 'all' || visibility.includes(organization)
