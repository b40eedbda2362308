import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { dateAt, nextDate } from '@porttrack/shared/time/local-time'
import { v7 as uuidv7 } from 'uuid'
import type { CertificateRow, Client, PersonalDatabase } from '../database.ts'
import { type EmployeeStore, employeesKnownTo } from '../employees/employee.store.ts'
import { maySeeField } from '../employees/personal-data.ts'
import {
  certificateErrors,
  certificateFaults,
  certificateStateOn,
  expiringDays,
} from './certificate.ts'
import type { Certificate, CertificateQuery, NewCertificate } from './certificate.schema.ts'
import type {
  ExpiringCertificate,
  ExpiringCertificateQuery,
} from './expiring-certificate.schema.ts'

type CertificateStoreOptions = {
  database: PersonalDatabase
  cursors: Cursors
  employees: EmployeeStore
  /** IANA zone of the port, by whose clock a day begins. */
  timeZone: string
}

/** Who asks, and for whose certificates. */
type Place = { caller: Caller; id: string }

/** Certificates of employees: rows in, `Certificate` as the caller may see it out. */
export const certificateStore = ({
  database,
  cursors,
  employees,
  timeZone,
}: CertificateStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: async ({
    caller,
    id,
    certificateId,
  }: Place & { certificateId: string }): Promise<Certificate> => {
    await employees.find(caller, id)
    return certificateSeenBy(caller, await requireRow(database.client, id, certificateId))
  },

  /**
   * One page of an employee's certificates in the order of registration.
   *
   * @throws ProblemError 404
   */
  list: async ({ caller, id }: Place, query: CertificateQuery): Promise<Page<Certificate>> => {
    await employees.find(caller, id)
    const name = `employees/${id}/certificates`
    const keys = [{ field: 'id' as const, descending: false }]
    const { orderBy, where } = keysetOf(keys, cursors.read(name, query))
    const rows = await database.client.certificate.findMany({
      where: { AND: [{ employeeId: id }, where] },
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page(name, query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map((row) => certificateSeenBy(caller, row)) }
  },

  /**
   * One page of the certificates of active people that end in a span of days, by their last day, of the
   * people that the caller may know of.
   */
  expiring: async (
    caller: Caller,
    query: ExpiringCertificateQuery,
  ): Promise<Page<ExpiringCertificate>> => {
    const from = query.expiresFrom ?? dateAt(timeZone, new Date())
    const before = query.expiresBefore ?? nextDate(from, expiringDays + 1)
    const keys = sortKeysOf<'expires'>(query.sort ?? 'expires')
    const { orderBy, where } = keysetOf(keys, cursors.read('certificates', query))
    const rows = await database.client.certificate.findMany({
      where: {
        AND: [
          { expires: { gte: new Date(from), lt: new Date(before) }, revokedAt: null },
          query.type === undefined ? {} : { type: query.type },
          {
            employee: {
              AND: [{ state: 'ACTIVE' }, employeesKnownTo(caller), ofOrganization(query)],
            },
          },
          where,
        ],
      },
      include: { employee: { select: { personnelNumber: true, organization: true } } },
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page('certificates', query, {
      found: rows.flatMap((row) =>
        row.expires === null ? [] : [{ ...row, expires: row.expires }],
      ),
      positionOf: positionIn(keys),
    })
    const isRenewed = await renewalsOf(database.client, page.items)
    return {
      ...page,
      items: page.items.map(({ employee, ...row }) => ({
        ...certificateSeenBy(caller, row),
        ...employee,
        renewed: isRenewed(row),
      })),
    }
  },

  /**
   * Registers a certificate of an employee.
   *
   * @throws ProblemError 404, 422 naming every fault, 409 when it is registered already
   */
  register: async (
    unit: Unit<Client>,
    { caller, id, given }: Place & { given: NewCertificate },
  ): Promise<Certificate> => {
    await employees.lock(unit, { caller, id })
    const errors = certificateFaults(given, today())
    if (errors.length > 0) throw new ProblemError(certificateErrors.CERTIFICATE_INVALID, { errors })
    const { type, number, issued, expires = null } = given
    const certificateId = uuidv7()
    const { count } = await unit.tx.certificate.createMany({
      data: [
        {
          id: certificateId,
          employeeId: id,
          type,
          number,
          issued: new Date(issued),
          expires: expires === null ? null : new Date(expires),
        },
      ],
      skipDuplicates: true,
    })
    if (count === 0) throw new ProblemError(certificateErrors.CERTIFICATE_EXISTS)
    return certificateSeenBy(caller, await requireRow(unit.tx, id, certificateId))
  },

  /**
   * Revokes a certificate; who, when and why is kept.
   *
   * @throws ProblemError 404, 409 when it is revoked already
   */
  revoke: async (
    unit: Unit<Client>,
    { caller, id, certificateId, reason }: Place & { certificateId: string; reason: string },
  ): Promise<Certificate> => {
    await employees.lock(unit, { caller, id })
    const present = await requireRow(unit.tx, id, certificateId)
    if (present.revokedAt !== null) throw new ProblemError(certificateErrors.CERTIFICATE_REVOKED)
    const row = await unit.tx.certificate.update({
      where: { id: present.id },
      data: { revocationReason: reason, revokedAt: new Date(), revokedBy: caller.subject },
    })
    return certificateSeenBy(caller, row)
  },
})

export type CertificateStore = ReturnType<typeof certificateStore>

const today = (): string => dateOf(new Date())

/** The day that a column of type DATE holds, `YYYY-MM-DD`. */
export const dateOf = (time: Date): string => time.toISOString().slice(0, 10)

const ofOrganization = ({ organization }: ExpiringCertificateQuery) =>
  organization === undefined ? {} : { organization }

/** Whether the person of a certificate has another one of its type that ends later. */
const renewalsOf = async (
  client: Client,
  rows: readonly CertificateRow[],
): Promise<(row: CertificateRow) => boolean> => {
  const others = await client.certificate.findMany({
    where: {
      employeeId: { in: [...new Set(rows.map(({ employeeId }) => employeeId))] },
      type: { in: [...new Set(rows.map(({ type }) => type))] },
      revokedAt: null,
    },
  })
  const othersOf = Map.groupBy(others, ({ employeeId, type }) => `${employeeId} ${type}`)
  return ({ employeeId, type, expires }) =>
    (othersOf.get(`${employeeId} ${type}`) ?? []).some(
      (other) => expires !== null && (other.expires === null || other.expires > expires),
    )
}

const requireRow = async (
  client: Client,
  employeeId: string,
  id: string,
): Promise<CertificateRow> => {
  const row = await client.certificate.findUnique({ where: { id } })
  if (row?.employeeId !== employeeId.toLowerCase()) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

/** A certificate's number and the reason for its revocation are personal, as a name is. */
export const certificateSeenBy = (caller: Caller, row: CertificateRow): Certificate => {
  const personal = maySeeField(caller, 'familyName')
  const { revocationReason: reason, revokedAt, revokedBy: by } = row
  const expires = row.expires === null ? null : dateOf(row.expires)
  return {
    id: row.id,
    employeeId: row.employeeId,
    type: row.type,
    number: personal ? row.number : null,
    issued: dateOf(row.issued),
    expires,
    state: certificateStateOn({ expires, revoked: revokedAt !== null }, today()),
    revocation:
      !personal || reason === null || revokedAt === null || by === null
        ? null
        : { reason, at: revokedAt.toISOString(), by },
    registeredAt: row.registeredAt.toISOString(),
  }
}
