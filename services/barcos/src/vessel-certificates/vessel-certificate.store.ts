import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import { inLanguage, type Language } from '@porttrack/shared/http/language'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { SortKey } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, VesselCertificateRow } from '../database.ts'
import { lockVessel } from '../vessels/vessel.store.ts'
import {
  certificateErrors,
  certificateFaults,
  certificateState,
  type CertificateType,
  certificateTypes,
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

/** How a certificate is read: in which language, and as it is on which day. */
export type CertificateView = { language: Language; on?: string | undefined }

/** Who makes a change, and how its outcome is read. */
type By = { recordedBy: string; view: CertificateView }

const withVessel = { vessel: { select: { name: true, imoNumber: true } } } as const

/** Those that expire first come first, those that never do last. */
const keys: SortKey<'expiresOn' | 'id'>[] = [
  { field: 'expiresOn', descending: false },
  { field: 'id', descending: false },
]

/** Certificates of vessels: rows in, `VesselCertificate` out. */
export const vesselCertificateStore = ({ database, cursors, notice }: CertificateStoreOptions) => {
  const certificateOf = (
    row: Row,
    { language, on = today() }: CertificateView,
  ): VesselCertificate => {
    const type = row.type as CertificateType
    const expiresOn = row.expiresOn === null ? null : dateOf(row.expiresOn)
    return {
      id: row.id,
      vesselId: row.vesselId,
      vesselName: row.vessel.name,
      vesselIMONumber: row.vessel.imoNumber,
      type,
      title: inLanguage(certificateTypes[type], language),
      number: row.number,
      issuedBy: row.issuedBy,
      issuedOn: dateOf(row.issuedOn),
      expiresOn,
      state: certificateState({ expiresOn, withdrawn: row.withdrawnAt !== null }, { on, notice }),
      withdrawalReason: row.withdrawalReason,
      withdrawnBy: row.withdrawnBy,
      version: row.version,
      recordedBy: row.recordedBy,
      recordedAt: row.recordedAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    }
  }

  /** One page of the certificates that `filter` names, by their last day. */
  const page = async (
    { list, filter }: { list: string; filter: object },
    query: CertificatesQuery,
    view: CertificateView,
  ): Promise<Page<VesselCertificate>> => {
    const { orderBy, where } = keysetOf(keys, cursors.read(list, query), ['expiresOn'])
    const found = await database.client.vesselCertificate.findMany({
      where: { AND: [filter, typeOf(query), where] },
      include: withVessel,
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const { items, next } = cursors.page(list, query, { found, positionOf: positionIn(keys) })
    return { items: items.map((row) => certificateOf(row, view)), next }
  }

  return {
    /** @throws ProblemError 404 */
    find: async (
      aim: Pick<Aim, 'vesselId' | 'id'>,
      view: CertificateView,
    ): Promise<VesselCertificate> =>
      certificateOf(await requireCertificate(database.client, aim), view),

    /** One page of a vessel's certificates. @throws ProblemError 404 for an unknown vessel */
    ofVessel: async (
      vesselId: string,
      query: CertificatesQuery,
      view: CertificateView,
    ): Promise<Page<VesselCertificate>> => {
      const vessel = await database.client.vessel.findUnique({
        where: { id: vesselId },
        select: { id: true },
      })
      if (!vessel) throw new ProblemError(kitErrors.NOT_FOUND)
      return page({ list: `certificates of ${vesselId}`, filter: { vesselId } }, query, view)
    },

    /**
     * One page of the certificates in force whose last day is before `expiresBefore`, of the vessels
     * that are not scrapped.
     */
    expiring: (query: ExpiringQuery, view: CertificateView): Promise<Page<VesselCertificate>> => {
      const { expiresFrom, expiresBefore } = query
      const filter = {
        expiresOn: {
          lt: new Date(expiresBefore),
          ...(expiresFrom === undefined ? {} : { gte: new Date(expiresFrom) }),
        },
        withdrawnAt: null,
        vessel: { state: { not: 'SCRAPPED' } },
      }
      return page({ list: 'vessel certificates', filter }, query, view)
    },

    /**
     * @throws ProblemError 404, 422 naming every fault, 409 when the vessel has it already or is
     *   scrapped
     */
    add: async (
      unit: Unit<Client>,
      { vesselId, given }: { vesselId: string; given: NewVesselCertificate },
      { recordedBy, view }: By,
    ): Promise<VesselCertificate> => {
      await lockVessel(unit, { id: vesselId, version: '*' })
      refuseFaults(given)
      const row = await unrepeated(
        unit.tx.vesselCertificate.create({
          data: { id: uuidv7(), vesselId, recordedBy, ...columnsOf(given) },
          include: withVessel,
        }),
      )
      return certificateOf(row, view)
    },

    /**
     * @throws ProblemError 404, 412, 422 naming every fault, 409 when it is withdrawn or there twice,
     *   or its vessel is scrapped
     */
    replace: async (
      unit: Unit<Client>,
      { given, ...aim }: Aim & { given: NewVesselCertificate },
      { recordedBy, view }: By,
    ): Promise<VesselCertificate> => {
      await lock(unit, aim)
      refuseFaults(given)
      const row = await unrepeated(
        unit.tx.vesselCertificate.update({
          where: { id: aim.id },
          data: { ...columnsOf(given), recordedBy, ...nextVersion() },
          include: withVessel,
        }),
      )
      return certificateOf(row, view)
    },

    /**
     * Withdraws a certificate for good.
     *
     * @throws ProblemError 404, 412, 409 when it is already or its vessel is scrapped
     */
    withdraw: async (
      unit: Unit<Client>,
      { reason, ...aim }: Aim & { reason: string },
      { recordedBy, view }: By,
    ): Promise<VesselCertificate> => {
      await lock(unit, aim)
      const withdrawal = {
        withdrawnAt: new Date(),
        withdrawnBy: recordedBy,
        withdrawalReason: reason,
      }
      const row = await unit.tx.vesselCertificate.update({
        where: { id: aim.id },
        data: { ...withdrawal, ...nextVersion() },
        include: withVessel,
      })
      return certificateOf(row, view)
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

/**
 * Holds a certificate by its vessel until commit.
 *
 * @throws ProblemError 404, 412, 409 for one withdrawn or of a scrapped vessel
 */
const lock = async (unit: Unit<Client>, { version, ...aim }: Aim): Promise<void> => {
  await lockVessel(unit, { id: aim.vesselId, version: '*' })
  const row = await requireCertificate(unit.tx, aim)
  assertVersion(version, row.version)
  if (row.withdrawnAt !== null) {
    throw new ProblemError(certificateErrors.VESSEL_CERTIFICATE_WITHDRAWN)
  }
}

/** @throws ProblemError 409 where what is written is that of another certificate of the vessel */
const unrepeated = async (written: Promise<Row>): Promise<Row> => {
  try {
    return await written
  } catch (error) {
    if (violatedConstraint(error) === null) throw error
    const detail = {
      en: 'is that of another certificate of this type',
      es: 'es el de otro certificado de este tipo',
    }
    throw new ProblemError(certificateErrors.VESSEL_CERTIFICATE_EXISTS, {
      errors: [{ pointer: '#/number', detail }],
      cause: error,
    })
  }
}

const typeOf = ({ type }: CertificatesQuery) => (type === undefined ? {} : { type })

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
