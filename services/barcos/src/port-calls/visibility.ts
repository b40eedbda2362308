import { type Grant, holds } from '@porttrack/shared/auth/access'
import type { Caller } from '@porttrack/shared/auth/caller'
import { access } from '../access.ts'

/** Whose port calls a caller may see: everyone's, or those of the named organisations. */
export type Visibility = 'all' | readonly string[]

/**
 * Whose calls a caller may do with what `permission` allows. A user is bound to an organisation, and
 * sees nothing without one, unless a role that is not `ownOnly` there gives the permission: a viewer who
 * is agent besides sees every call, and announces and changes its own organisation's only. A machine is bound when its token names an organisation; without, it is the port's own.
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

/** Whether a caller sees a call that some organisations may know of. */
export const knows = (visibility: Visibility, knownTo: readonly string[]): boolean =>
  visibility === 'all' || knownTo.some((organization) => visibility.includes(organization))

/** The organisations between which a call is: those that serve it are none of them. */
type CallParties = {
  agentOrganization: string
  carrierOrganization: string | null
  terminalOrganization: string | null
}

/** Whether a caller is a party to a call, and not only one who serves it by an order. */
export const isParty = (visibility: Visibility, call: CallParties): boolean =>
  visibility === 'all' ||
  [call.agentOrganization, call.carrierOrganization, call.terminalOrganization].some(
    (organization) => organization !== null && visibility.includes(organization),
  )

/**
 * Whether a caller who sees a call sees what was said there of a service, which may be ordered of
 * another provider.
 *
 * @param provider whose the order is; null for what was not ordered
 */
export const seesService = (
  visibility: Visibility,
  call: CallParties,
  provider: string | null,
): boolean => provider === null || isParty(visibility, call) || sees(visibility, provider)

/** Whether a caller sees the calls of `organization`. */
export const sees = (visibility: Visibility, organization: string): boolean =>
  visibility === 'all' || visibility.includes(organization)
