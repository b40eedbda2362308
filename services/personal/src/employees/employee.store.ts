import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { Client, EmployeeRow, PersonalDatabase, Prisma } from '../database.ts'
import { events } from '../events.ts'
import { employeeErrors, erased, nameKeyOf } from './employee.ts'
import type { Employee, employeeOrder, EmployeeQuery, NewEmployee } from './employee.schema.ts'
import { isWithin, maySeeField, scopeOf, seenBy } from './personal-data.ts'

type EmployeeStoreOptions = { database: PersonalDatabase; cursors: Cursors }

/** Employees: rows in, `Employee` as the caller may see it out. */
export const employeeStore = ({ database, cursors }: EmployeeStoreOptions) => ({
  /** @throws ProblemError 404, also when the caller may not know of the employee */
  find: async (caller: Caller, id: string): Promise<Employee> =>
    seenBy(caller, await requireEmployee(database.client, caller, id)),

  /**
   * One page of the employees that a query names.
   *
   * @throws ProblemError 403 when the query asks by names that the caller may not see
   */
  list: async (caller: Caller, query: EmployeeQuery): Promise<Page<Employee>> => {
    const keys = sortKeysOf<(typeof employeeOrder)[number]>(query.sort ?? 'personnelNumber').map(
      (key) => ({ ...key, field: columns[key.field] }),
    )
    const byName = query.name !== undefined || keys.some(({ field }) => field === 'familyNameKey')
    if (byName && !(maySeeField(caller, 'familyName') && maySeeField(caller, 'givenName'))) {
      throw new ProblemError(kitErrors.FORBIDDEN, {
        detail: {
          en: 'Names are not for this caller',
          es: 'Los nombres no son para quien pregunta',
        },
      })
    }
    const limit = query.limit ?? 50
    const { orderBy, where } = keysetOf(keys, cursors.read('employees', query))
    const rows = await database.client.employee.findMany({
      where: { AND: [employeesKnownTo(caller), filterOf(query), where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('employees', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map((row) => seenBy(caller, employeeOf(row))) }
  },

  /**
   * Registers an employee.
   *
   * @throws ProblemError 409 when the personnel number is taken, 403 for another organization
   */
  register: async (
    { tx, publish }: Unit<Client>,
    { caller, given }: { caller: Caller; given: NewEmployee },
  ): Promise<Employee> => {
    requireScope(caller, given)
    const row = { id: uuidv7(), state: 'ACTIVE', ...columnsOf(given) }
    const { count } = await tx.employee.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw numberTaken()
    const employee = await requireEmployee(tx, caller, row.id)
    publish(eventOf(events, 'personal.employee.registered', told(employee)))
    return seenBy(caller, employee)
  },

  /**
   * Replaces what is known of an employee.
   *
   * @param change.version the version it is meant for
   * @throws ProblemError 404, 412, 409 when the personnel number is taken, 403 for another
   *   organization
   */
  replace: async (
    unit: Unit<Client>,
    { caller, id, version, given }: Change & { version: number | '*'; given: NewEmployee },
  ): Promise<Employee> => {
    const present = await lockEmployee(unit, { caller, id })
    assertVersion(version, present.version)
    requireScope(caller, given)
    return changeEmployee(unit, { caller, id }, columnsOf(given))
  },

  /**
   * Takes an employee out of work; who, when and why is kept.
   *
   * @throws ProblemError 404, 409 when the employee is not active
   */
  deactivate: async (
    unit: Unit<Client>,
    { caller, id, reason }: Change & { reason: string },
  ): Promise<Employee> => {
    const present = await lockEmployee(unit, { caller, id })
    if (present.state !== 'ACTIVE') throw new ProblemError(employeeErrors.EMPLOYEE_INACTIVE)
    return changeEmployee(
      unit,
      { caller, id },
      {
        state: 'INACTIVE',
        deactivationReason: reason,
        deactivatedAt: new Date(),
        deactivatedBy: caller.subject,
      },
    )
  },

  /**
   * Takes out what names an employee who works here no more; what the law keeps stays without it.
   *
   * @throws ProblemError 404, 412, 409 when the employee is active, or erased already
   */
  erase: async (
    unit: Unit<Client>,
    { caller, id, version }: Change & { version: number | '*' },
  ): Promise<Employee> => {
    const present = await lockEmployee(unit, { caller, id })
    assertVersion(version, present.version)
    if (present.state === 'ACTIVE') throw new ProblemError(employeeErrors.EMPLOYEE_ACTIVE)
    const employee = await changeEmployee(
      unit,
      { caller, id },
      {
        // No personnel number of the port looks like it.
        personnelNumber: `ERASED-${present.id.slice(-12)}`,
        givenName: erased,
        familyName: erased,
        givenNameKey: erased,
        familyNameKey: erased,
        email: null,
        phone: null,
        roles: [],
        skills: [],
        deactivationReason: erased,
        erasedAt: new Date(),
        erasedBy: caller.subject,
      },
    )
    const { organization } = present
    unit.publish(
      eventOf(events, 'personal.employee.erased', {
        subject: id,
        data: { employeeId: id, organization },
      }),
    )
    return employee
  },

  /**
   * An employee whom nobody else changes until the transaction ends.
   *
   * @throws ProblemError 404, 409 when what names them was erased
   */
  lock: (unit: Unit<Client>, change: Change): Promise<Employee> => lockEmployee(unit, change),
})

export type EmployeeStore = ReturnType<typeof employeeStore>

/** Who changes whom. */
type Change = { caller: Caller; id: string }

/** The column that each sort key stands for. */
const columns = {
  personnelNumber: 'personnelNumber',
  familyName: 'familyNameKey',
  registeredAt: 'registeredAt',
  id: 'id',
} as const

const lockEmployee = async (
  { tx, sql }: Unit<Client>,
  { caller, id }: Change,
): Promise<Employee> => {
  await sql('SELECT 1 FROM employee WHERE id = $1::uuid FOR UPDATE', [id])
  const employee = await requireEmployee(tx, caller, id)
  if (employee.erasedAt !== null) throw new ProblemError(employeeErrors.EMPLOYEE_ERASED)
  return employee
}

const requireEmployee = async (client: Client, caller: Caller, id: string): Promise<Employee> => {
  const row = await client.employee.findUnique({ where: { id } })
  if (!row || !isWithin(scopeOf(caller), row.organization)) {
    throw new ProblemError(kitErrors.NOT_FOUND)
  }
  return employeeOf(row)
}

const changeEmployee = async (
  { tx, publish }: Unit<Client>,
  { caller, id }: Change,
  data: Prisma.EmployeeUpdateInput,
): Promise<Employee> => {
  const row = await tx.employee
    .update({ where: { id }, data: { ...data, version: { increment: 1 }, updatedAt: new Date() } })
    .catch((error: unknown) => {
      throw violatedConstraint(error) === 'employee_personnel_number_key' ? numberTaken() : error
    })
  const employee = employeeOf(row)
  publish(eventOf(events, 'personal.employee.changed', told(employee)))
  return seenBy(caller, employee)
}

const requireScope = (caller: Caller, { organization = null }: NewEmployee): void => {
  if (isWithin(scopeOf(caller), organization)) return
  throw new ProblemError(kitErrors.FORBIDDEN, {
    detail: { en: 'The organization is another', es: 'La organización es otra' },
  })
}

const numberTaken = (): ProblemError =>
  new ProblemError(employeeErrors.EMPLOYEE_EXISTS, {
    errors: [
      {
        pointer: '#/personnelNumber',
        detail: { en: 'belongs to another employee', es: 'es de otro empleado' },
      },
    ],
  })

const told = ({ id, organization, roles, skills, restProfile, state }: Employee) => ({
  subject: id,
  data: { employeeId: id, organization, roles, skills, restProfile, state },
})

/** The employees that a caller may know of. */
export const employeesKnownTo = (caller: Caller): Prisma.EmployeeWhereInput => {
  const scope = scopeOf(caller)
  if (scope === 'all') return {}
  return scope === 'none' ? { id: { in: [] } } : scope
}

const filterOf = (query: EmployeeQuery): Prisma.EmployeeWhereInput => {
  const { skill, role, state, organization, name } = query
  return {
    ...(skill === undefined ? {} : { skills: { has: skill } }),
    ...(role === undefined ? {} : { roles: { has: role } }),
    ...(state === undefined ? {} : { state }),
    ...(organization === undefined ? {} : { organization }),
    ...(name === undefined
      ? {}
      : {
          OR: [
            { familyNameKey: beginningWith(nameKeyOf(name)) },
            { givenNameKey: beginningWith(nameKeyOf(name)) },
          ],
        }),
  }
}

/** A range, since Prisma leaves `%` and `_` in a `startsWith` as wildcards. */
const beginningWith = (key: string) => ({ gte: key, lt: `${key}\u{10FFFF}` })

const columnsOf = (given: NewEmployee) => ({
  personnelNumber: given.personnelNumber,
  givenName: given.givenName,
  familyName: given.familyName,
  givenNameKey: nameKeyOf(given.givenName),
  familyNameKey: nameKeyOf(given.familyName),
  email: given.email ?? null,
  phone: given.phone ?? null,
  organization: given.organization ?? null,
  roles: given.roles,
  skills: given.skills,
  restProfile: given.restProfile,
})

const employeeOf = (row: EmployeeRow): Employee => {
  const { deactivationReason: reason, deactivatedAt, deactivatedBy: by } = row
  return {
    id: row.id,
    personnelNumber: row.personnelNumber,
    givenName: row.givenName,
    familyName: row.familyName,
    email: row.email,
    phone: row.phone,
    organization: row.organization,
    roles: row.roles,
    skills: row.skills,
    restProfile: row.restProfile as Employee['restProfile'],
    state: row.state as Employee['state'],
    deactivation:
      reason === null || deactivatedAt === null || by === null
        ? null
        : { reason, at: deactivatedAt.toISOString(), by },
    erasedAt: row.erasedAt?.toISOString() ?? null,
    version: row.version,
    registeredAt: row.registeredAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
