import type { ReceivedItem } from '@porttrack/shared/http/dcsa-messages'
import type { Unit } from '@porttrack/shared/database/transaction'
import type { Severity } from '@porttrack/shared/http/dcsa'
import type { Text } from '@porttrack/shared/http/language'
import type { Cursors } from '@porttrack/shared/http/pagination'
import { v7 as uuidv7 } from 'uuid'
import { isOpen } from '../container-visits/container-visit.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import { containerVisitOf, seenBy } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase, Client } from '../database.ts'
import { dcsaSearch, type Told } from '../dcsa/dcsa-search.store.ts'
import { longestPage } from '../track-and-trace/dcsa-event.schema.ts'
import { holdContainers } from '../container-visits/hold-containers.store.ts'
import type { Visibility } from '../visibility.ts'
import type { DcsaVgmDeclaration, DcsaVgmQuery } from './dcsa-vgm.schema.ts'
import { type Declared, vgmFaults, vgmMethods, weightUnits } from './vgm.ts'
import { tellVgm } from './vgm.store.ts'

/** What the sender of a declaration is told of it; `pointer` leads into the declaration. */
type Remark = { severity: Severity; pointer: string; detail: Text }

type Sender = {
  sender: string
  organization: string | null
  subject: string
  visibility: Visibility
}

/** What a declaration of DCSA says that the rules know. */
const declaredIn = ({
  VGM = {},
  responsibleParty,
  authorizedPersonSignatory,
}: DcsaVgmDeclaration): Declared => ({
  weight: VGM.weight?.value ?? null,
  weightUnit: weightUnits.find((unit) => unit === VGM.weight?.unit) ?? null,
  method: vgmMethods.find((method) => method === VGM.method) ?? null,
  determinedAt: VGM.dateTime === undefined ? null : new Date(VGM.dateTime),
  responsibleParty: responsibleParty?.partyName ?? responsibleParty?.party?.partyCode ?? null,
  signatory: authorizedPersonSignatory ?? null,
})

/** Where the rules' properties stand in a declaration of DCSA. */
const placeInDcsa = (pointer: string): string => {
  if (pointer === '#/responsibleParty' || pointer === '#/authorizedPersonSignatory') return pointer
  return `#/VGM${pointer.slice(1)}`
}

const known: Remark = {
  severity: 'INFO',
  pointer: '#/declarationDateTime',
  detail: {
    en: 'is not later than what is known: nothing was changed',
    es: 'no es posterior a lo conocido: no se cambió nada',
  },
}
const repeated: Remark = {
  severity: 'INFO',
  pointer: '#/declarationReference',
  detail: {
    en: 'is there more than once: the latest of them counts',
    es: 'está más de una vez: cuenta la última',
  },
}
const early: Remark = {
  severity: 'INFO',
  pointer: '#/equipmentDetails/equipmentReference',
  detail: {
    en: 'has no visit yet: the declaration is kept for it',
    es: 'todavía no tiene estancia: la declaración se conserva para ella',
  },
}

type Latest = { index: number; item: DcsaVgmDeclaration; declaredAt: Date }

/**
 * Takes the declarations of one message in: each is kept as it came and counts for the visit of its
 * container once it is the newest. What it lacks is told, and stops nothing but the loading.
 */
export const receiveVgm = async (
  unit: Unit<Client>,
  received: readonly ReceivedItem<DcsaVgmDeclaration>[],
  sender: Sender,
): Promise<{ index: number; remark: Remark }[]> => {
  const remarks: { index: number; remark: Remark }[] = []
  await holdContainers(
    unit.sql,
    received.map(({ item }) => item.equipmentDetails?.equipmentReference),
  )
  const receivedAt = new Date()
  const latest = new Map<string, Latest>()
  for (const { index, item } of received) {
    const reference = item.declarationReference ?? ''
    const given = item.declarationDateTime
    const declaredAt = given === undefined ? receivedAt : new Date(given)
    const other = latest.get(reference)
    const later = !other || declaredAt > other.declaredAt
    if (other) remarks.push({ index: later ? other.index : index, remark: repeated })
    if (later) latest.set(reference, { index, item, declaredAt })
  }
  // In an order of their own, so that messages that share some never wait for each other in a ring.
  for (const [reference, each] of [...latest].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const visit = await visitOf(unit.tx, each.item, sender.visibility)
    const said = await keep(unit, { ...each, reference, visit, receivedAt }, sender)
    for (const remark of said) remarks.push({ index: each.index, remark })
  }
  return remarks
}

const keep = async (
  unit: Unit<Client>,
  given: Latest & { reference: string; visit: ContainerVisit | null; receivedAt: Date },
  { sender, organization, subject }: Sender,
): Promise<Remark[]> => {
  const { item, declaredAt, reference, visit, receivedAt } = given
  const where = { sender_declarationReference: { sender, declarationReference: reference } }
  const declared = declaredIn(item)
  const stand = { declaredAt, recordedAt: receivedAt, recordedBy: subject }
  const columns = {
    ...declared,
    ...stand,
    payload: item,
    isRetracted: item.isRetracted ?? false,
    containerVisitId: visit?.id ?? null,
    organization: visit ? visit.carrierOrganization : organization,
    equipmentReference: item.equipmentDetails?.equipmentReference ?? null,
    carrierBookingReference: item.shipmentDetails?.carrierBookingReference ?? null,
    transportDocumentReference: item.shipmentDetails?.transportDocumentReference ?? null,
  }
  const { count } = await unit.tx.vgmDeclaration.createMany({
    data: [{ id: uuidv7(), sender, declarationReference: reference, ...columns }],
    skipDuplicates: true,
  })
  if (count === 0) {
    await unit.sql(
      `SELECT 1 FROM vgm_declaration WHERE sender = $1 AND declaration_reference = $2 FOR UPDATE`,
      [sender, reference],
    )
    const row = await unit.tx.vgmDeclaration.findUniqueOrThrow({ where })
    if (declaredAt <= row.declaredAt) return [known]
    const present = row.payload as DcsaVgmDeclaration
    await unit.tx.vgmDeclaration.update({
      where,
      // What is void says nothing else: it stays as it was declared before.
      data: item.isRetracted
        ? {
            ...stand,
            isRetracted: true,
            payload: {
              ...present,
              isRetracted: true,
              declarationDateTime: declaredAt.toISOString(),
            },
          }
        : { ...columns, containerVisitId: visit?.id ?? row.containerVisitId },
    })
  }
  const concerned = visit ?? (await visitOfRow(unit.tx, where))
  if (concerned) {
    tellVgm(unit, concerned, {
      declarationReference: reference,
      isRetracted: item.isRetracted ?? false,
    })
  }
  if (item.isRetracted) return []
  const faults = vgmFaults(declared, concerned).map(({ pointer, detail }): Remark => ({
    severity: 'WARN',
    pointer: placeInDcsa(pointer),
    detail: {
      en: `${detail.en}: the container may not be loaded`,
      es: `${detail.es}: el contenedor no se puede embarcar`,
    },
  }))
  return concerned ? faults : [...faults, early]
}

const visitOfRow = async (
  client: Client,
  where: { sender_declarationReference: { sender: string; declarationReference: string } },
): Promise<ContainerVisit | null> => {
  const row = await client.vgmDeclaration.findUniqueOrThrow({
    where,
    include: { containerVisit: true },
  })
  return row.containerVisit && containerVisitOf(row.containerVisit)
}

/** The open visit of a declaration's container that its sender may write to, at the port of loading. */
const visitOf = async (
  client: Client,
  { equipmentDetails, vesselVoyageDetails }: DcsaVgmDeclaration,
  visibility: Visibility,
): Promise<ContainerVisit | null> => {
  const equipmentReference = equipmentDetails?.equipmentReference
  if (equipmentReference === undefined) return null
  const unLocationCode = vesselVoyageDetails?.portOfLoading?.UNLocationCode
  const rows = await client.containerVisit.findMany({
    where: {
      equipmentReference,
      flow: { not: 'IMPORT' },
      ...(unLocationCode === undefined ? {} : { unLocationCode }),
      ...seenBy(visibility),
    },
    orderBy: { id: 'desc' },
    take: 20,
  })
  return rows.map(containerVisitOf).find(isOpen) ?? null
}

type DcsaVgmStoreOptions = { database: CargaDatabase; cursors: Cursors }

/** Declarations as DCSA VGM tells them. */
export const dcsaVgmStore = ({ database, cursors }: DcsaVgmStoreOptions) => ({
  /** A page of the declarations that the caller may see, the first declared first. */
  list: async (
    query: DcsaVgmQuery,
    visibility: Visibility,
  ): Promise<{ declarations: DcsaVgmDeclaration[]; next: string | null }> => {
    const limit = Math.min(query.limit ?? 50, longestPage)
    const after = cursors.read('vgm-declarations', query)
    const { text, values } = dcsaSearch({
      table: 'vgm_declaration',
      time: {
        column: 'declared_at',
        min: query.declarationDateTimeMin,
        max: query.declarationDateTimeMax,
      },
      query,
      visibility,
      after,
      take: limit + 1,
    })
    const found = await database.sql<Told<DcsaVgmDeclaration>>(text, values)
    const { items, next } = cursors.page(
      'vgm-declarations',
      { ...query, limit },
      { found, positionOf: ({ time, id }) => [time.toISOString(), id] },
    )
    return { declarations: items.map(({ payload }) => payload), next }
  },
})

export type DcsaVgmStore = ReturnType<typeof dcsaVgmStore>
