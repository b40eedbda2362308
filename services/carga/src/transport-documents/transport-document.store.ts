import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import { seenBy } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase, Client, TransportDocumentRow } from '../database.ts'
import { sees, type Visibility } from '../visibility.ts'
import {
  type TransportDocumentAction,
  transportDocumentErrors,
  transportDocumentFaults,
  transportDocumentLifecycle,
  type TransportDocumentState,
} from './transport-document.ts'
import type {
  NewTransportDocument,
  TransportDocument,
  TransportDocumentQuery,
} from './transport-document.schema.ts'

type TransportDocumentStoreOptions = { database: CargaDatabase; cursors: Cursors }

/** Which document, in which version, and whose documents the caller may touch. */
type Wanted = { id: string; version: number | '*'; visibility: Visibility }

/** Bills of lading and sea waybills. */
export const transportDocumentStore = ({ database, cursors }: TransportDocumentStoreOptions) => ({
  /** @throws ProblemError 404, also for a document that the caller may not know of */
  find: (id: string, visibility: Visibility): Promise<TransportDocument> =>
    requireDocument(database.client, id, visibility),

  /** One page of the documents that a query names and the caller may see, the newest first. */
  list: async (
    query: TransportDocumentQuery,
    visibility: Visibility,
  ): Promise<Page<TransportDocument>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<'createdAt'>('-createdAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('transport-documents', query))
    const { transportDocumentReference, state } = query
    const rows = await database.client.transportDocument.findMany({
      where: {
        AND: [
          {
            ...(transportDocumentReference === undefined ? {} : { transportDocumentReference }),
            ...(state === undefined ? {} : { state }),
          },
          seenBy(visibility),
          where,
        ],
      },
      orderBy,
      take: limit + 1,
    })
    return cursors.page('transport-documents', query, {
      found: rows.map(documentOf),
      positionOf: positionIn(keys),
    })
  },

  /** @throws ProblemError 422 naming every fault, 409 when the reference is used */
  draft: async (
    { tx }: Unit<Client>,
    given: NewTransportDocument,
    visibility: Visibility,
  ): Promise<TransportDocument> => {
    requireNoFaults(given, visibility)
    const id = uuidv7()
    const now = new Date()
    const { count } = await tx.transportDocument.createMany({
      data: [{ id, ...columnsOf(given), state: 'DRAFT', createdAt: now, updatedAt: now }],
      skipDuplicates: true,
    })
    if (count === 0) throw new ProblemError(transportDocumentErrors.TRANSPORT_DOCUMENT_EXISTS)
    return requireDocument(tx, id, 'all')
  },

  /** @throws ProblemError 404, 412, 422, 409 once it was issued or with another reference */
  replace: async (
    unit: Unit<Client>,
    { id, version, visibility }: Wanted,
    given: NewTransportDocument,
  ): Promise<TransportDocument> => {
    const present = await lockDocument(unit, id, visibility)
    assertVersion(version, present.version)
    requireNoFaults(given, visibility)
    if (
      present.state !== 'DRAFT' ||
      given.transportDocumentReference !== present.transportDocumentReference
    ) {
      throw inState(present)
    }
    const row = await unit.tx.transportDocument.update({
      where: { id },
      data: { ...columnsOf(given), version: { increment: 1 }, updatedAt: new Date() },
    })
    return documentOf(row)
  },

  /** @throws ProblemError 404, 412, 409 when the state does not allow it, 422 without a reason */
  act: async (
    unit: Unit<Client>,
    action: TransportDocumentAction,
    { id, version, visibility, reason }: Wanted & { reason: string | null },
  ): Promise<TransportDocument> => {
    const present = await lockDocument(unit, id, visibility)
    assertVersion(version, present.version)
    const state = transportDocumentLifecycle.nextState(present.state, action)
    if (state === null) throw inState(present)
    if (state === 'VOIDED' && reason === null) {
      const detail = { en: 'is needed to void it', es: 'hace falta para anularlo' }
      throw new ProblemError(transportDocumentErrors.TRANSPORT_DOCUMENT_INVALID, {
        errors: [{ pointer: '#/reason', detail }],
      })
    }
    const now = new Date()
    const row = await unit.tx.transportDocument.update({
      where: { id },
      data: {
        state,
        reason,
        version: { increment: 1 },
        updatedAt: now,
        ...(action === 'issue' ? { issuedAt: now } : {}),
      },
    })
    return documentOf(row)
  },
})

export type TransportDocumentStore = ReturnType<typeof transportDocumentStore>

const inState = ({ state }: TransportDocument): ProblemError =>
  new ProblemError(transportDocumentErrors.TRANSPORT_DOCUMENT_STATE, {
    detail: { en: `the document is ${state}`, es: `el documento está en ${state}` },
  })

const requireNoFaults = (given: NewTransportDocument, visibility: Visibility): void => {
  const errors: Fault[] = transportDocumentFaults(given)
  if (!sees(visibility, given.carrierOrganization ?? null)) {
    errors.push({
      pointer: '#/carrierOrganization',
      detail: { en: 'must be your own organisation', es: 'debe ser su propia organización' },
    })
  }
  if (errors.length === 0) return
  throw new ProblemError(transportDocumentErrors.TRANSPORT_DOCUMENT_INVALID, { errors })
}

const lockDocument = async (
  { tx, sql }: Unit<Client>,
  id: string,
  visibility: Visibility,
): Promise<TransportDocument> => {
  await sql('SELECT 1 FROM transport_document WHERE id = $1::uuid FOR UPDATE', [id])
  return requireDocument(tx, id, visibility)
}

const requireDocument = async (
  client: Client,
  id: string,
  visibility: Visibility,
): Promise<TransportDocument> => {
  const row = await client.transportDocument.findUnique({ where: { id } })
  if (!row || !sees(visibility, row.carrierOrganization)) {
    throw new ProblemError(kitErrors.NOT_FOUND)
  }
  return documentOf(row)
}

const columnsOf = (given: NewTransportDocument) => ({
  transportDocumentReference: given.transportDocumentReference,
  carrierBookingReference: given.carrierBookingReference ?? null,
  carrierOrganization: given.carrierOrganization ?? null,
  shipper: given.shipper,
  consignee: given.consignee ?? null,
  portOfLoading: given.portOfLoading,
  portOfDischarge: given.portOfDischarge,
  consignmentItems: given.consignmentItems,
})

const documentOf = (row: TransportDocumentRow): TransportDocument => ({
  id: row.id,
  transportDocumentReference: row.transportDocumentReference,
  carrierBookingReference: row.carrierBookingReference,
  carrierOrganization: row.carrierOrganization,
  shipper: row.shipper,
  consignee: row.consignee,
  portOfLoading: row.portOfLoading,
  portOfDischarge: row.portOfDischarge,
  consignmentItems: row.consignmentItems as TransportDocument['consignmentItems'],
  state: row.state as TransportDocumentState,
  reason: row.reason,
  issuedAt: row.issuedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  version: row.version,
})
