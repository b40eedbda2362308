import type { Role } from '@porttrack/shared/auth/access'
import type { Caller } from '@porttrack/shared/auth/caller'
import type { Employee } from './employee.schema.ts'

/** Whose work needs to know who someone is and how to reach them. */
const staffOffice = ['admin', 'harbour-master', 'staff-planner'] as const satisfies readonly Role[]

/** Who sees what of a person, field by field; whatever is not here, every reader sees. */
const readersOf = {
  givenName: staffOffice,
  familyName: staffOffice,
  email: staffOffice,
  phone: staffOffice,
  deactivation: staffOffice,
} as const satisfies Partial<Record<keyof Employee, readonly Role[]>>

export type PersonalField = keyof typeof readersOf

export const personalFields = Object.keys(readersOf) as PersonalField[]

/** Whether a caller may see a personal field, also in a filter or in the order of a list. */
export const maySeeField = (caller: Caller, field: PersonalField): boolean =>
  caller.roles.some((role) => (readersOf[field] as readonly string[]).includes(role))

/** An employee as a caller may see it: personal fields that are not the caller's to know are null. */
export const seenBy = (caller: Caller, employee: Employee): Employee => {
  const hidden = personalFields.filter((field) => !maySeeField(caller, field))
  return { ...employee, ...Object.fromEntries(hidden.map((field) => [field, null])) }
}

/** Roles of the port itself, which see the people of every organization. */
const portRoles: readonly string[] = [
  'admin',
  'harbour-master',
  'berth-planner',
  'terminal-planner',
  'staff-planner',
  'viewer',
] satisfies readonly Role[]

/** Whose people someone may know of. */
export type Scope = 'all' | 'none' | { organization: string }

/** Providers, and machines that are bound to an organization, know of its people only. */
export const scopeOf = ({ kind, roles, organization }: Caller): Scope => {
  if (roles.some((role) => portRoles.includes(role))) return 'all'
  if (organization !== null) return { organization }
  return kind === 'machine' ? 'all' : 'none'
}

/** Whether an employee of `organization` is within a scope. */
export const isWithin = (scope: Scope, organization: string | null): boolean =>
  typeof scope === 'string' ? scope === 'all' : scope.organization === organization
