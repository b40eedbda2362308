import type { Caller } from '@porttrack/shared/auth/caller'
import { sees, type Visibility, visibilityBy } from '@porttrack/shared/auth/visibility'
import { access } from '../access.ts'

export { sees, type Visibility }

/** Whose calls a caller may do with what `permission` allows. */
export const visibilityOf = (caller: Caller, permission: keyof typeof access.grants): Visibility =>
  visibilityBy(caller, access.grants[permission])

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
