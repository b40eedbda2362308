import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client, PersonalDatabase, Prisma } from '../database.ts'
import { employeesKnownTo } from '../employees/employee.store.ts'
import { scopeOf } from '../employees/personal-data.ts'
import { gangErrors } from './gang.ts'
import type { Gang, GangQuery, NewGang } from './gang.schema.ts'

type GangStoreOptions = { database: PersonalDatabase; cursors: Cursors }

/** Who asks for which gang. */
type Wanted = { caller: Caller; id: string }
type Change = Wanted & { version: number | '*' }

const withMembers = {
  members: { orderBy: { number: 'asc' }, select: { employeeId: true } },
} as const
type GangRow = Prisma.GangGetPayload<{ include: typeof withMembers }>

/** Standing gangs of named people: rows in, `Gang` out. */
export const gangStore = ({ database, cursors }: GangStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: (wanted: Wanted): Promise<Gang> => requireGang(database.client, wanted),

  /** One page of the gangs that a query names and whose people the caller may know of, by name. */
  list: async (caller: Caller, query: GangQuery): Promise<Page<Gang>> => {
    const keys = [{ field: 'name' as const, descending: false }]
    const { orderBy, where } = keysetOf(keys, cursors.read('gangs', query))
    const { kindOfWork, limit = 50 } = query
    const found = await database.client.gang.findMany({
      where: { AND: [kindOfWork === undefined ? {} : { kindOfWork }, gangsKnownTo(caller), where] },
      include: withMembers,
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('gangs', query, { found, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(gangOf) }
  },

  /** @throws ProblemError 409 when the name is taken, 422 naming each member who is nobody */
  create: async (
    unit: Unit<Client>,
    { caller, given }: { caller: Caller; given: NewGang },
  ): Promise<Gang> => {
    const members = await requireMembers(unit, { caller, given })
    const { name, kindOfWork } = given
    const row = { id: uuidv7(), createdBy: caller.subject, name, kindOfWork }
    const { count } = await unit.tx.gang.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw new ProblemError(gangErrors.GANG_EXISTS)
    await unit.tx.gangMember.createMany({ data: membersOf(row.id, members) })
    return requireGang(unit.tx, { caller, id: row.id })
  },

  /**
   * Replaces a gang. Assignments that were made of it stay as they are.
   *
   * @throws ProblemError 404, 412, 409 when the name is taken, 422 naming each member who is nobody
   */
  replace: async (
    unit: Unit<Client>,
    { given, ...change }: Change & { given: NewGang },
  ): Promise<Gang> => {
    const { caller, id } = change
    // People before the gang, as erasure locks them.
    const members = await requireMembers(unit, { caller, given })
    await lockGang(unit, change)
    await unit.tx.gangMember.deleteMany({ where: { gangId: id } })
    await unit.tx.gangMember.createMany({ data: membersOf(id, members) })
    const { name, kindOfWork } = given
    const row = await unit.tx.gang
      .update({
        where: { id },
        data: { name, kindOfWork, version: { increment: 1 }, updatedAt: new Date() },
        include: withMembers,
      })
      .catch((error: unknown) => {
        throw violatedConstraint(error) === 'gang_name_key'
          ? new ProblemError(gangErrors.GANG_EXISTS)
          : error
      })
    return gangOf(row)
  },

  /** @throws ProblemError 404, 412 */
  remove: async (unit: Unit<Client>, change: Change): Promise<void> => {
    await lockGang(unit, change)
    await unit.tx.gang.delete({ where: { id: change.id } })
  },
})

export type GangStore = ReturnType<typeof gangStore>

/** @throws ProblemError 404, also when it has someone of whom the caller may not know */
export const requireGang = async (client: Client, { caller, id }: Wanted): Promise<Gang> => {
  const row = await client.gang.findFirst({
    where: { AND: [{ id }, gangsKnownTo(caller)] },
    include: withMembers,
  })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return gangOf(row)
}

/** Takes someone out of every gang. */
export const leaveGangs = async ({ tx }: Unit<Client>, employeeId: string): Promise<void> => {
  await tx.gang.updateMany({
    where: { members: { some: { employeeId } } },
    data: { version: { increment: 1 }, updatedAt: new Date() },
  })
  await tx.gangMember.deleteMany({ where: { employeeId } })
}

/** @throws ProblemError 404, 412 */
const lockGang = async (unit: Unit<Client>, { version, ...wanted }: Change): Promise<void> => {
  await unit.sql('SELECT 1 FROM gang WHERE id = $1::uuid FOR UPDATE', [wanted.id])
  assertVersion(version, (await requireGang(unit.tx, wanted)).version)
}

/**
 * The members of a gang, each once, who are not erased until the transaction ends.
 *
 * @throws ProblemError 422
 */
const requireMembers = async (
  { tx, sql }: Unit<Client>,
  { caller, given }: { caller: Caller; given: NewGang },
): Promise<string[]> => {
  const members = given.members.map((id) => id.toLowerCase())
  await sql('SELECT 1 FROM employee WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE', [members])
  const known = await tx.employee.findMany({
    where: { AND: [{ id: { in: members }, erasedAt: null }, employeesKnownTo(caller)] },
    select: { id: true },
  })
  const ids = new Set(known.map(({ id }) => id))
  const errors = members.flatMap((id, n): Fault[] =>
    ids.has(id)
      ? []
      : [
          {
            pointer: `#/members/${n}`,
            detail: { en: 'is no employee', es: 'no es un empleado' },
          },
        ],
  )
  if (errors.length > 0) throw new ProblemError(gangErrors.GANG_INVALID, { errors })
  return [...new Set(members)]
}

const membersOf = (gangId: string, members: readonly string[]) =>
  members.map((employeeId, index) => ({ gangId, employeeId, number: index + 1 }))

/** The gangs that have nobody of whom a caller may not know. */
const gangsKnownTo = (caller: Caller): Prisma.GangWhereInput =>
  scopeOf(caller) === 'all' ? {} : { members: { every: { employee: employeesKnownTo(caller) } } }

const gangOf = (row: GangRow): Gang => ({
  id: row.id,
  name: row.name,
  kindOfWork: row.kindOfWork,
  members: row.members.map(({ employeeId }) => employeeId),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
