import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import {
  type BarcosDatabase,
  type BerthOccupancyRow,
  type BerthRow,
  type Client,
  noJson,
} from '../database.ts'
import { events } from '../events.ts'
import { rightHanded } from '../places/geometry.ts'
import type { PlaceChange } from '../places/place-change.ts'
import { placeFilterOf, placeKeysOf } from '../places/place-list.ts'
import type { PlaceQuery } from '../places/place.schema.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import { nameKeyOf } from '../vessels/vessel.ts'
import {
  type BerthAction,
  berthErrors,
  berthFaults,
  berthLifecycle,
  reservationFaults,
  type Reserved,
} from './berth.ts'
import type { Berth, BerthInput, BerthReservation, ClosedBerth } from './berth.schema.ts'

type BerthStoreOptions = { database: BarcosDatabase; cursors: Cursors; timeZoneAt: TimeZoneAt }

/** Which berth a change is for, and the version that it is meant for. */
type Wanted = { id: string; version: number | '*' }

/** A closing or opening, before it takes effect. */
type NewState = Wanted & { by: string; reason?: string | undefined }

/** How many reservations an answer names at most. */
const mostNamed = 100

/** Berths: rows in, `Berth` out. */
export const berthStore = ({ database, cursors, timeZoneAt }: BerthStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: async (id: string): Promise<Berth> => berthOf(await requireBerth(database.client, id)),

  /** One page of the berths that a query names. */
  list: async (query: PlaceQuery): Promise<Page<Berth>> => {
    const limit = query.limit ?? 50
    const keys = placeKeysOf(query)
    const { orderBy, where } = keysetOf(keys, cursors.read('berths', query))
    const rows = await database.client.berth.findMany({
      where: { AND: [placeFilterOf(query), where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('berths', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(berthOf) }
  },

  /**
   * Makes a berth, open.
   *
   * @throws ProblemError 422 naming every fault, 409 naming the berth that has the code already
   */
  create: async ({ tx, publish }: Unit<Client>, given: BerthInput): Promise<Berth> => {
    refuseFaults(given)
    const row = { id: uuidv7(), state: 'OPEN', ...columnsOf(given) }
    // Leaves the transaction usable where another has the code, so that it can be named.
    const { count } = await tx.berth.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw await codeTaken(tx, given)
    const berth = berthOf(await requireBerth(tx, row.id))
    publish(berthChanged(berth, 'CREATED'))
    return berth
  },

  /**
   * Replaces what is known of a berth; its state stays.
   *
   * @throws ProblemError 404, 412, 422 naming every fault, 409 for another port, a code that another
   *   berth has, or a quay too short for the ships that are planned to it
   */
  replace: async (
    { tx, sql, publish }: Unit<Client>,
    { id, version, given }: Wanted & { given: BerthInput },
  ): Promise<Berth> => {
    await lockBerth(sql, id)
    const present = await requireBerth(tx, id)
    assertVersion(version, present.version)
    refuseFaults(given)
    if (given.UNLocationCode !== present.unLocationCode) {
      const { unLocationCode: place } = present
      const detail = { en: `is ${place} for good`, es: `es ${place} para siempre` }
      throw new ProblemError(berthErrors.BERTH_PLACE_FIXED, {
        errors: [{ pointer: '#/UNLocationCode', detail }],
      })
    }
    const taken = await findByCode(tx, given)
    if (taken && taken.id !== id) throw codeTakenBy(taken)
    if (given.quayLength < present.quayLength) {
      const beyond = await reservedAt(tx, id, given.quayLength)
      const place = { pointer: '#/quayLength', timeZone: timeZoneAt(present.unLocationCode) }
      const errors = reservationFaults(beyond, 'QUAY_COVERS_RESERVATIONS', place)
      if (errors.length > 0) throw new ProblemError(berthErrors.BERTH_RESERVED, { errors })
    }
    try {
      const row = await tx.berth.update({
        where: { id },
        data: { ...columnsOf(given), version: { increment: 1 }, updatedAt: new Date() },
      })
      const berth = berthOf(row)
      publish(berthChanged(berth, 'REPLACED'))
      return berth
    } catch (error) {
      if (violatedConstraint(error) === null) throw error
      // Taken meanwhile; this transaction can ask no more, another connection can.
      throw await codeTaken(database.client, given, error)
    }
  },

  /**
   * Closes a berth. Ships that lie there or are planned to it are named, and stay planned to it:
   * whoever closes it by force has them planned elsewhere.
   *
   * @throws ProblemError 404, 412, 409 when it is closed already, or when ships are planned to it
   *   and it is not forced
   */
  close: async (unit: Unit<Client>, given: NewState & { force: boolean }): Promise<ClosedBerth> => {
    const { tx, sql } = unit
    await lockBerth(sql, given.id)
    const present = await requireNextState(tx, given, 'close')
    const reserved = await reservedAt(tx, given.id, 0)
    if (reserved.length > 0 && !given.force) {
      const place = { pointer: '#', timeZone: timeZoneAt(present.unLocationCode) }
      throw new ProblemError(berthErrors.BERTH_RESERVED, {
        errors: reservationFaults(reserved, 'BERTH_FREE_OF_RESERVATIONS', place),
      })
    }
    const berth = await enterState(unit, given, 'close')
    return { ...berth, affectedReservations: reserved.map(reservationOf) }
  },

  /** @throws ProblemError 404, 412, 409 when it is open already */
  open: async (unit: Unit<Client>, given: NewState): Promise<Berth> => {
    await lockBerth(unit.sql, given.id)
    await requireNextState(unit.tx, given, 'open')
    return enterState(unit, given, 'open')
  },

  /**
   * Removes a berth that was made by mistake.
   *
   * @throws ProblemError 404, 412, 409 when anything was ever reserved or blocked there
   */
  remove: async ({ tx, sql, publish }: Unit<Client>, { id, version }: Wanted): Promise<void> => {
    await lockBerth(sql, id)
    const present = await requireBerth(tx, id)
    assertVersion(version, present.version)
    const used = await tx.berthOccupancy.findFirst({ where: { berthId: id }, select: { id: true } })
    if (used) throw new ProblemError(berthErrors.BERTH_IN_USE)
    await tx.berth.delete({ where: { id } })
    publish(berthChanged(berthOf(present), 'REMOVED'))
  },
})

export type BerthStore = ReturnType<typeof berthStore>

/**
 * Holds a berth until commit: who changes it or what takes up its metres next sees this change
 * first.
 */
export const lockBerth = (sql: Unit<Client>['sql'], id: string): Promise<unknown> =>
  sql('SELECT 1 FROM berth WHERE id = $1::uuid FOR UPDATE', [id])

/** @throws ProblemError 404 */
export const requireBerth = async (client: Client, id: string): Promise<BerthRow> => {
  const row = await client.berth.findUnique({ where: { id } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

/** What is read of a reservation to name it. */
export const withVesselName = {
  portCall: { select: { vessel: { select: { name: true } } } },
} as const

type ReservedRow = BerthOccupancyRow & { portCall: { vessel: { name: string } } | null }

/** A reservation as its row has it. */
export const reservedOf = (row: ReservedRow): Reserved => ({
  id: row.id,
  berthId: row.berthId,
  portCallId: row.portCallId ?? '',
  vesselName: row.portCall?.vessel.name ?? '',
  fromMetre: row.fromMetre,
  toMetre: row.toMetre,
  startsAt: row.startsAt,
  endsAt: row.endsAt,
})

/** The reservations whose ships lie at a berth or are still to come, and that reach beyond a metre. */
const reservedAt = async (client: Client, berthId: string, metre: number): Promise<Reserved[]> => {
  const rows = await client.berthOccupancy.findMany({
    where: {
      berthId,
      kind: 'RESERVATION',
      releasedAt: null,
      alongsideTo: null,
      toMetre: { gt: metre },
      // A ship may lie there longer than it was planned to.
      OR: [{ endsAt: { gt: new Date() } }, { alongsideFrom: { not: null } }],
    },
    include: withVesselName,
    orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
    take: mostNamed,
  })
  return rows.map(reservedOf)
}

/** @throws ProblemError 404, 412, 409 when the present state does not allow the action */
const requireNextState = async (
  tx: Client,
  { id, version }: Wanted,
  action: BerthAction,
): Promise<BerthRow> => {
  const present = await requireBerth(tx, id)
  assertVersion(version, present.version)
  if (berthLifecycle.nextState(present.state as Berth['state'], action) === null) {
    const detail = {
      en: `It is ${present.state} already`,
      es: `Ya está en el estado ${present.state}`,
    }
    throw new ProblemError(berthErrors.BERTH_NOT_IN_STATE, { detail })
  }
  return present
}

/** Brings a berth that is held into the state that an action leads to. */
const enterState = async (
  { tx, publish }: Unit<Client>,
  { id, by, reason = null }: Omit<NewState, 'reason'> & { reason?: string | null | undefined },
  action: BerthAction,
): Promise<Berth> => {
  const now = new Date()
  const row = await tx.berth.update({
    where: { id },
    data: {
      state: berthLifecycle.actions[action].to,
      stateReason: reason,
      stateChangedAt: now,
      stateChangedBy: by,
      version: { increment: 1 },
      updatedAt: now,
    },
  })
  const berth = berthOf(row)
  publish(berthChanged(berth, action === 'close' ? 'CLOSED' : 'OPENED'))
  return berth
}

/** @throws ProblemError 422 naming every fault */
const refuseFaults = (given: BerthInput): void => {
  const faults = berthFaults({ ...given, bollards: given.bollards ?? [] })
  if (faults.length > 0) throw new ProblemError(berthErrors.BERTH_INVALID, { errors: faults })
}

type Coded = Pick<BerthInput, 'UNLocationCode' | 'code'>

const findByCode = (client: Client, { UNLocationCode, code }: Coded) =>
  client.berth.findUnique({
    where: { unLocationCode_code: { unLocationCode: UNLocationCode, code } },
    select: { id: true, code: true, unLocationCode: true },
  })

const codeTaken = async (client: Client, given: Coded, cause?: unknown): Promise<ProblemError> => {
  const taken = await findByCode(client, given)
  return codeTakenBy(taken, cause)
}

const codeTakenBy = (berth: { id: string } | null, cause?: unknown): ProblemError => {
  const named = berth ? { en: ` ${berth.id}`, es: ` ${berth.id}` } : { en: '', es: '' }
  const detail = {
    en: `belongs to berth${named.en} of this port`,
    es: `pertenece al atraque${named.es} de este puerto`,
  }
  return new ProblemError(berthErrors.BERTH_EXISTS, {
    errors: [{ pointer: '#/code', detail }],
    cause,
  })
}

const columnsOf = (given: BerthInput) => ({
  unLocationCode: given.UNLocationCode,
  code: given.code,
  name: given.name,
  nameKey: nameKeyOf(given.name),
  facilityCode: given.facilityCode ?? null,
  facilityCodeListProvider: given.facilityCodeListProvider ?? null,
  quayLength: given.quayLength,
  depth: given.depth,
  bollards: given.bollards ?? [],
  maximumLengthOverall: given.maximumLengthOverall ?? null,
  maximumBeam: given.maximumBeam ?? null,
  maximumDraft: given.maximumDraft ?? null,
  maximumDeadweight: given.maximumDeadweight ?? null,
  overheadClearance: given.overheadClearance ?? null,
  vesselTypes: given.vesselTypes ?? [],
  dangerousGoodsClasses: given.dangerousGoodsClasses ?? noJson,
  reeferPlugs: given.reeferPlugs ?? null,
  geometry: given.geometry ? rightHanded(given.geometry) : noJson,
})

const reservationOf = ({ startsAt, endsAt, ...reserved }: Reserved): BerthReservation => ({
  ...reserved,
  startsAt: startsAt.toISOString(),
  endsAt: endsAt.toISOString(),
})

const berthChanged = (berth: Berth, change: PlaceChange) =>
  eventOf(events, 'barcos.berth.changed', {
    subject: berth.id,
    data: {
      berthId: berth.id,
      UNLocationCode: berth.UNLocationCode,
      code: berth.code,
      name: berth.name,
      facilityCode: berth.facilityCode,
      facilityCodeListProvider: berth.facilityCodeListProvider,
      quayLength: berth.quayLength,
      depth: berth.depth,
      state: berth.state,
      reason: berth.stateReason,
      change,
      version: berth.version,
    },
  })

/** A berth as its row has it. */
export const berthOf = (row: BerthRow): Berth => ({
  id: row.id,
  UNLocationCode: row.unLocationCode,
  code: row.code,
  name: row.name,
  quayLength: row.quayLength,
  depth: row.depth,
  bollards: row.bollards as Berth['bollards'],
  facilityCode: row.facilityCode,
  facilityCodeListProvider: row.facilityCodeListProvider as Berth['facilityCodeListProvider'],
  maximumLengthOverall: row.maximumLengthOverall,
  maximumBeam: row.maximumBeam,
  maximumDraft: row.maximumDraft,
  maximumDeadweight: row.maximumDeadweight,
  overheadClearance: row.overheadClearance,
  vesselTypes: row.vesselTypes as Berth['vesselTypes'],
  dangerousGoodsClasses: row.dangerousGoodsClasses as Berth['dangerousGoodsClasses'],
  reeferPlugs: row.reeferPlugs,
  geometry: row.geometry as Berth['geometry'],
  state: row.state as Berth['state'],
  stateReason: row.stateReason,
  stateChangedAt: row.stateChangedAt?.toISOString() ?? null,
  stateChangedBy: row.stateChangedBy,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
