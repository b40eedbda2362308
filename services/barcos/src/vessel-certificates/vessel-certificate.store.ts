import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { SortKey } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, VesselCertificateRow } from '../database.ts'
import {
  certificateErrors,
  certificateFaults,
  certificateState,
  type CertificateType,
} from './vessel-certificate.ts'
import type {
  CertificatesQuery,
  ExpiringQuery,
  NewVesselCertificate,
  VesselCertificate,
} from './vessel-certificate.schema.ts'

type CertificateStoreOptions = {
  database: BarcosDatabase
  cursors: Cursors
  /** Days before its expiry in which a certificate counts as expiring. */
  notice: number
}

type Row = VesselCertificateRow & { vessel: { name: string; imoNumber: string | null } }

type Aim = { vesselId: string; id: string; version: number | '*' }

const withVessel = { vessel: { select: { name: true, imoNumber: true } } } as const

/** Those that expire first come first, those that never do last. */
const keys: SortKey<'expiresOn' | 'id'>[] = [
  { field: 'expiresOn', descending: false },
  { field: 'id', descending: false },
]

/** Certificates of vessels: rows in, `VesselCertificate` out. */
export const vesselCertificateStore = ({ database, cursors, notice }: CertificateStoreOptions) => {
  const certificateOf = (row: Row): VesselCertificate => {
    const expiresOn = row.expiresOn === null ? null : dateOf(row.expiresOn)
    return {
      id: row.id,
      vesselId: row.vesselId,
      vesselName: row.vessel.name,
      vesselIMONumber: row.vessel.imoNumber,
      type: row.type as CertificateType,
      number: row.number,
      issuedBy: row.issuedBy,
      issuedOn: dateOf(row.issuedOn),
      expiresOn,
      state: certificateState(
        { expiresOn, withdrawn: row.withdrawnAt !== null },
        { today: today(), notice },
      ),
      withdrawalReason: row.withdrawalReason,
      version: row.version,
      recordedBy: row.recordedBy,
      recordedAt: row.recordedAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    }
  }

  /** One page of the certificates that `filter` names, by their last day. */
  const page = async (
    list: string,
    query: CertificatesQuery,
    filter: object,
  ): Promise<Page<VesselCertificate>> => {
    const { orderBy, where } = keysetOf(keys, cursors.read(list, query), ['expiresOn'])
    const found = await database.client.vesselCertificate.findMany({
      where: { AND: [filter, where] },
      include: withVessel,
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const { items, next } = cursors.page(list, query, { found, positionOf: positionIn(keys) })
    return { items: items.map(certificateOf), next }
  }

  return {
    /** @throws ProblemError 404 */
    find: async (aim: Pick<Aim, 'vesselId' | 'id'>): Promise<VesselCertificate> =>
      certificateOf(await requireCertificate(database.client, aim)),

    /** One page of a vessel's certificates. @throws ProblemError 404 for an unknown vessel */
    ofVessel: async (
      vesselId: string,
      query: CertificatesQuery,
    ): Promise<Page<VesselCertificate>> => {
      await requireVessel(database.client, vesselId)
      return page(`certificates of ${vesselId}`, query, { vesselId })
    },

    /** One page of the certificates in force whose last day is before `expiresBefore`. */
    expiring: (query: ExpiringQuery): Promise<Page<VesselCertificate>> =>
      page('vessel certificates', query, {
        expiresOn: { lt: new Date(query.expiresBefore) },
        withdrawnAt: null,
        ...(query.type === undefined ? {} : { type: query.type }),
      }),

    /** @throws ProblemError 404, 422 naming every fault, 409 when the vessel has it already */
    add: async (
      { tx }: Unit<Client>,
      given: NewVesselCertificate,
      { vesselId, recordedBy }: { vesselId: string; recordedBy: string },
    ): Promise<VesselCertificate> => {
      await requireVessel(tx, vesselId)
      refuseFaults(given)
      const row = { id: uuidv7(), vesselId, recordedBy, ...columnsOf(given) }
      const { count } = await tx.vesselCertificate.createMany({ data: [row], skipDuplicates: true })
      if (count === 0) throw new ProblemError(certificateErrors.VESSEL_CERTIFICATE_EXISTS)
      return certificateOf(await requireCertificate(tx, row))
    },

    /** @throws ProblemError 404, 412, 422 naming every fault, 409 when withdrawn or there twice */
    replace: async (
      unit: Unit<Client>,
      aim: Aim,
      given: NewVesselCertificate,
    ): Promise<VesselCertificate> => {
      await lock(unit, aim)
      refuseFaults(given)
      const { vesselId, id } = aim
      const { type, number } = given
      // Who has the certificate's row is asked first: a violated constraint ends the transaction.
      const twin = await unit.tx.vesselCertificate.findUnique({
        where: { vesselId_type_number: { vesselId, type, number } },
        select: { id: true },
      })
      if (twin && twin.id !== id) {
        throw new ProblemError(certificateErrors.VESSEL_CERTIFICATE_EXISTS)
      }
      const row = await unit.tx.vesselCertificate.update({
        where: { id },
        data: { ...columnsOf(given), ...nextVersion() },
        include: withVessel,
      })
      return certificateOf(row)
    },

    /** Withdraws a certificate for good. @throws ProblemError 404, 412, 409 when it is already */
    withdraw: async (unit: Unit<Client>, aim: Aim, reason: string): Promise<VesselCertificate> => {
      await lock(unit, aim)
      const row = await unit.tx.vesselCertificate.update({
        where: { id: aim.id },
        data: { withdrawnAt: new Date(), withdrawalReason: reason, ...nextVersion() },
        include: withVessel,
      })
      return certificateOf(row)
    },
  }
}

export type VesselCertificateStore = ReturnType<typeof vesselCertificateStore>

const requireCertificate = async (
  client: Client,
  { vesselId, id }: Pick<Aim, 'vesselId' | 'id'>,
): Promise<Row> => {
  const row = await client.vesselCertificate.findUnique({
    where: { id, vesselId },
    include: withVessel,
  })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

/** Holds a certificate until commit. @throws ProblemError 404, 412, 409 for one withdrawn */
const lock = async ({ tx, sql }: Unit<Client>, aim: Aim): Promise<Row> => {
  await sql('SELECT 1 FROM vessel_certificate WHERE id = $1::uuid FOR UPDATE', [aim.id])
  const row = await requireCertificate(tx, aim)
  assertVersion(aim.version, row.version)
  if (row.withdrawnAt !== null) {
    throw new ProblemError(certificateErrors.VESSEL_CERTIFICATE_WITHDRAWN)
  }
  return row
}

const requireVessel = async (client: Client, id: string): Promise<void> => {
  const vessel = await client.vessel.findUnique({ where: { id }, select: { id: true } })
  if (!vessel) throw new ProblemError(kitErrors.NOT_FOUND)
}

const refuseFaults = (given: NewVesselCertificate): void => {
  const errors = certificateFaults(given, today())
  if (errors.length === 0) return
  throw new ProblemError(certificateErrors.VESSEL_CERTIFICATE_INVALID, { errors })
}

const columnsOf = ({ issuedOn, expiresOn, ...rest }: NewVesselCertificate) => ({
  ...rest,
  issuedOn: new Date(issuedOn),
  expiresOn: expiresOn === undefined ? null : new Date(expiresOn),
})

const nextVersion = () => ({ version: { increment: 1 }, updatedAt: new Date() })

/** A day, which the database gives as its midnight in UTC. */
const dateOf = (midnight: Date): string => midnight.toISOString().slice(0, 10)

const today = (): string => dateOf(new Date())
