import type { Caller } from '@porttrack/shared/auth/caller'
import { sees, type Visibility, visibilityBy } from '@porttrack/shared/auth/visibility'
import { access } from './access.ts'

export { sees, type Visibility }

/** Code of an organisation, as tokens name it. */
export const organizationPattern = '^[a-z0-9][a-z0-9-]{0,62}$'

/** Whose cargo a caller may do with what `permission` allows. */
export const visibilityOf = (caller: Caller, permission: keyof typeof access.grants): Visibility =>
  visibilityBy(caller, access.grants[permission])
