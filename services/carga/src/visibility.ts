import type { Caller } from '@porttrack/shared/auth/caller'
import { sees, type Visibility, visibilityBy } from '@porttrack/shared/auth/visibility'
import { access } from './access.ts'

export { sees, type Visibility }

/** Code of an organisation, as tokens name it. */
export const organizationPattern = '^[a-z0-9][a-z0-9-]{0,62}$'

/** Organisation of what a caller sends who is bound to one and has none: nobody's. */
const nobodys = ''

/** Whose a message is: its sender's organisation, or null from the port itself. */
export const organizationOf = ({ organization }: Caller, visibility: Visibility): string | null =>
  organization ?? (visibility === 'all' ? null : nobodys)

/** Whose cargo a caller may do with what `permission` allows. */
export const visibilityOf = (caller: Caller, permission: keyof typeof access.grants): Visibility =>
  visibilityBy(caller, access.grants[permission])
