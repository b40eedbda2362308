import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { isDeepStrictEqual } from 'node:util'
import { v7 as uuidv7 } from 'uuid'
import type { CargaDatabase, Client, ContainerVisitRow } from '../database.ts'
import { events } from '../events.ts'
import { movePlace, needPlug } from '../yard/place.store.ts'
import { adoptVgm } from '../vgm/vgm.store.ts'
import { sees, type Visibility } from '../visibility.ts'
import { containerVisitErrors, containerVisitFaults, identityFaults } from './container-visit.ts'
import type {
  ContainerVisit,
  ContainerVisitQuery,
  containerVisitOrder,
  NewContainerVisit,
} from './container-visit.schema.ts'
import { holdContainers } from './hold-containers.store.ts'
import { positionColumns, positionOf } from './position-columns.ts'
import { type Progress, startOf } from './progress.ts'

type ContainerVisitStoreOptions = { database: CargaDatabase; cursors: Cursors }

/** Container visits: rows in, `ContainerVisit` out. */
export const containerVisitStore = ({ database, cursors }: ContainerVisitStoreOptions) => ({
  /** @throws ProblemError 404, also for a visit that the caller may not know of */
  find: async (id: string, visibility: Visibility): Promise<ContainerVisit> =>
    requireVisit(database.client, id, visibility),

  /** One page of the visits that a query names and the caller may see. */
  list: async (
    query: ContainerVisitQuery,
    visibility: Visibility,
  ): Promise<Page<ContainerVisit>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<(typeof containerVisitOrder)[number]>(query.sort ?? '-announcedAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('container-visits', query))
    const rows = await database.client.containerVisit.findMany({
      where: { AND: [filterOf(query), seenBy(visibility), where] },
      orderBy,
      take: limit + 1,
    })
    return cursors.page('container-visits', query, {
      found: rows.map(containerVisitOf),
      positionOf: positionIn(keys),
    })
  },

  /**
   * Announces a visit.
   *
   * @throws ProblemError 422 naming every fault, 409 when the container has an open visit there
   */
  announce: async (
    unit: Unit<Client>,
    given: NewContainerVisit,
    visibility: Visibility,
  ): Promise<ContainerVisit> => {
    const { tx, publish } = unit
    requireNoFaults(given, visibility)
    await holdContainers(unit.sql, [given.equipmentReference])
    const row = { id: uuidv7(), state: startOf(given.flow), ...columnsOf(given) }
    // Leaves the transaction usable where there is an open visit, so that it can be named.
    const { count } = await tx.containerVisit.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw await openVisit(tx, given)
    const visit = await requireVisit(tx, row.id, 'all')
    await adoptVgm(unit, visit)
    const { ISOEquipmentCode, isEmpty, state } = visit
    publish(
      eventOf(events, 'carga.container-visit.announced', {
        subject: visit.id,
        data: { ...identityOf(visit), ISOEquipmentCode, isEmpty, state },
      }),
    )
    return visit
  },

  /**
   * Replaces a visit's attributes.
   *
   * @param change.version the version it is meant for
   * @throws ProblemError 404, 412, 422 naming every fault, 409 for another container, flow or place
   */
  replace: async (
    unit: Unit<Client>,
    { id, version, given, visibility }: Replacement,
  ): Promise<ContainerVisit> => {
    const present = await lockVisit(unit, id, visibility)
    assertVersion(version, present.version)
    const errors = identityFaults(present, given)
    if (errors.length > 0) {
      throw new ProblemError(containerVisitErrors.CONTAINER_VISIT_IDENTITY_FIXED, { errors })
    }
    requireNoFaults(given, visibility)
    await needPlug(unit, id, (given.internalSetpointTemperature ?? null) !== null)
    const row = await unit.tx.containerVisit.update({
      where: { id },
      data: { ...columnsOf(given), version: { increment: 1 }, updatedAt: new Date() },
    })
    return containerVisitOf(row)
  },

  /**
   * A visit that nobody else changes until the transaction ends.
   *
   * @throws ProblemError 404, also for a visit that the caller may not know of
   */
  lock: (unit: Unit<Client>, id: string, visibility: Visibility): Promise<ContainerVisit> =>
    lockVisit(unit, id, visibility),

  /**
   * Gives a visit the state and position that its events make of it.
   *
   * @throws ProblemError 409 when it would be open beside another open visit, or cannot stand there
   */
  advance: async (
    unit: Unit<Client>,
    visit: ContainerVisit,
    { state, position }: Progress,
  ): Promise<void> => {
    const { tx, publish } = unit
    if (state === visit.state && isDeepStrictEqual(position, visit.position)) return
    if (!isDeepStrictEqual(position, visit.position)) await movePlace(unit, visit, position)
    const data = { state, ...positionColumns(position) }
    try {
      await tx.containerVisit.update({
        where: { id: visit.id },
        data: { ...data, version: { increment: 1 }, updatedAt: new Date() },
      })
    } catch (error) {
      if (violatedConstraint(error) !== 'container_visit_open') throw error
      // This transaction can ask no more, another connection can.
      throw await openVisit(database.client, visit)
    }
    if (state === visit.state) return
    publish(
      eventOf(events, 'carga.container-visit.state-changed', {
        subject: visit.id,
        data: { ...identityOf(visit), from: visit.state, to: state },
      }),
    )
  },
})

export type ContainerVisitStore = ReturnType<typeof containerVisitStore>

/** A visit's attributes anew, the version that they are meant for, and who may give them. */
type Replacement = {
  id: string
  version: number | '*'
  given: NewContainerVisit
  visibility: Visibility
}

const lockVisit = async (
  { tx, sql }: Unit<Client>,
  id: string,
  visibility: Visibility,
): Promise<ContainerVisit> => {
  await sql('SELECT 1 FROM container_visit WHERE id = $1::uuid FOR UPDATE', [id])
  return requireVisit(tx, id, visibility)
}

/** @throws ProblemError 404, also for a visit that the caller may not know of */
export const requireVisit = async (
  client: Client,
  id: string,
  visibility: Visibility,
): Promise<ContainerVisit> => {
  const row = await client.containerVisit.findUnique({ where: { id } })
  if (!row || !sees(visibility, row.carrierOrganization)) {
    throw new ProblemError(kitErrors.NOT_FOUND)
  }
  return containerVisitOf(row)
}

/** The visits that a caller may know of. */
export const seenBy = (visibility: Visibility) =>
  visibility === 'all' ? {} : { carrierOrganization: { in: [...visibility] } }

const requireNoFaults = (given: NewContainerVisit, visibility: Visibility): void => {
  const errors = containerVisitFaults(given)
  if (!sees(visibility, given.carrierOrganization ?? null)) {
    errors.push({
      pointer: '#/carrierOrganization',
      detail: { en: 'must be your own organisation', es: 'debe ser su propia organización' },
    })
  }
  if (errors.length === 0) return
  throw new ProblemError(containerVisitErrors.CONTAINER_VISIT_INVALID, { errors })
}

/** Says which visit of a container is open at a place. */
const openVisit = async (
  client: Client,
  {
    equipmentReference,
    UNLocationCode,
  }: Pick<ContainerVisit, 'equipmentReference' | 'UNLocationCode'>,
): Promise<ProblemError> => {
  const [open] = await client.$queryRaw<{ id: string }[]>`
    SELECT id::text FROM container_visit
    WHERE equipment_reference = ${equipmentReference} AND un_location_code = ${UNLocationCode}
      AND (flow, state) NOT IN
        (('EXPORT', 'DEPARTED'), ('IMPORT', 'GATED_OUT'), ('TRANSSHIPMENT', 'LOADED'))`
  return new ProblemError(containerVisitErrors.CONTAINER_VISIT_OPEN, {
    errors: open
      ? [
          {
            pointer: '#/equipmentReference',
            detail: {
              en: `is in the open visit ${open.id}`,
              es: `está en la estancia abierta ${open.id}`,
            },
          },
        ]
      : [],
  })
}

const identityOf = ({
  id,
  equipmentReference,
  flow,
  UNLocationCode,
  carrierOrganization,
}: ContainerVisit) => ({
  containerVisitId: id,
  equipmentReference,
  flow,
  UNLocationCode,
  carrierOrganization,
})

const filterOf = ({
  equipmentReference,
  flow,
  state,
  UNLocationCode,
  ...query
}: ContainerVisitQuery) => ({
  ...(equipmentReference === undefined ? {} : { equipmentReference }),
  ...(flow === undefined ? {} : { flow }),
  ...(state === undefined ? {} : { state }),
  ...(UNLocationCode === undefined ? {} : { unLocationCode: UNLocationCode }),
  ...Object.fromEntries(
    (
      [
        'carrierBookingReference',
        'transportDocumentReference',
        'dischargePortCallId',
        'loadPortCallId',
      ] as const
    ).flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
  ),
})

const columnsOf = (given: NewContainerVisit) => ({
  equipmentReference: given.equipmentReference,
  isoEquipmentCode: given.ISOEquipmentCode,
  tareWeight: given.tareWeight,
  maximumGrossWeight: given.maximumGrossWeight,
  isEmpty: given.isEmpty,
  flow: given.flow,
  seals: given.seals,
  internalSetpointTemperature: given.internalSetpointTemperature ?? null,
  unLocationCode: given.UNLocationCode,
  shipperOwnedOverride: given.shipperOwnedOverride ?? null,
  carrierOrganization: given.carrierOrganization ?? null,
  carrierBookingReference: given.carrierBookingReference ?? null,
  transportDocumentReference: given.transportDocumentReference ?? null,
  dischargePortCallId: given.dischargePortCallId ?? null,
  loadPortCallId: given.loadPortCallId ?? null,
})

export const containerVisitOf = (row: ContainerVisitRow): ContainerVisit => ({
  id: row.id,
  equipmentReference: row.equipmentReference,
  ISOEquipmentCode: row.isoEquipmentCode,
  tareWeight: row.tareWeight,
  maximumGrossWeight: row.maximumGrossWeight,
  isEmpty: row.isEmpty,
  flow: row.flow as ContainerVisit['flow'],
  UNLocationCode: row.unLocationCode,
  seals: row.seals as ContainerVisit['seals'],
  internalSetpointTemperature: row.internalSetpointTemperature,
  shipperOwnedOverride: row.shipperOwnedOverride,
  carrierOrganization: row.carrierOrganization,
  carrierBookingReference: row.carrierBookingReference,
  transportDocumentReference: row.transportDocumentReference,
  dischargePortCallId: row.dischargePortCallId,
  loadPortCallId: row.loadPortCallId,
  state: row.state as ContainerVisit['state'],
  position: positionOf(row),
  version: row.version,
  announcedAt: row.announcedAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
