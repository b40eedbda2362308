import type { Caller } from '@porttrack/shared/auth/caller'

/** Whose port calls a caller may see: everyone's, or those of the named organisations. */
export type Visibility = 'all' | readonly string[]

/** Roles that see the port through the eyes of one organisation. */
const boundRoles: ReadonlySet<string> = new Set(['agent', 'service-provider'])

/**
 * A user who is only agent or service provider is bound to an organisation and sees nothing without
 * one. A machine is bound when its token names an organisation; without, it is the port's own.
 */
export const visibilityOf = ({ kind, roles, organization }: Caller): Visibility => {
  const bound =
    kind === 'user' ? roles.every((role) => boundRoles.has(role)) : organization !== null
  if (!bound) return 'all'
  return organization === null ? [] : [organization]
}

/** Whether a caller sees the calls of `organization`. */
export const sees = (visibility: Visibility, organization: string): boolean =>
  visibility === 'all' || visibility.includes(organization)
