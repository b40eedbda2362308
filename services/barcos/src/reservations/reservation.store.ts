import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { timeAt, type TimeWindow } from '@porttrack/shared/time/local-time'
import { v7 as uuidv7 } from 'uuid'
import { type Bollard, metresOfBollards } from '../berths/quay-range.ts'
import type { BarcosDatabase, Client, PortCallRow, VesselRow } from '../database.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import { hasEnded, portCallErrors, type PortCallState } from '../port-calls/port-call.ts'
import { lockCall, requireCall, visibleTo } from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { Reporter } from '../reporter.ts'
import { assign } from './assignment.ts'
import { deepestDraft, isMisfit, type Ship } from './berth-fit.ts'
import { bollardsAround } from './bollards.ts'
import type { Hull } from './free-quay.ts'
import type { Margins } from './margins.ts'
import {
  holdBerths,
  obstacleOf,
  occupanciesOf,
  type OccupancyRow,
  type PlannedBerth,
  reservationsOfCall,
} from './occupancy.store.ts'
import {
  obstacleFault,
  requestFaults,
  reservationErrors,
  reservationLifecycle,
  stateOf,
  takesReservations,
} from './reservation.ts'
import type { Reservation, ReservationRequest } from './reservation.schema.ts'
import { keepDecision } from './reservation-decision.store.ts'
import {
  reservationChanged,
  reservationReleased,
  reservationRow,
  type ReservationRow,
  reserved,
  withBerthAndShip,
} from './stay.store.ts'

type ReservationStoreOptions = {
  database: BarcosDatabase
  margins: Margins
  timeZoneAt: TimeZoneAt
}

type Who = { visibility: Visibility; reporter: Reporter }

export type CallWithShip = PortCallRow & { vessel: VesselRow }

/** A reservation to change, at the version that the change is meant for. */
type Given = { id: string; version: number | '*'; who: Who }

type Settling = {
  call: CallWithShip
  /** The reservation that is moved; null for a new one. */
  present: ReservationRow | null
  visibility: Visibility
}

type Refused = {
  request: ReservationRequest
  visibility: Visibility
  /** Of the two, what was to change: a call got a reservation, or a reservation another place. */
  portCallId: string | null
  id: string | null
}

/** Reservations of berths: rows in, `Reservation` out. */
export const reservationStore = ({ database, margins, timeZoneAt }: ReservationStoreOptions) => {
  const reservationOf = (row: ReservationRow): Reservation => {
    const { berth } = row
    const zone = timeZoneAt(berth.unLocationCode)
    return {
      id: row.id,
      portCallId: row.portCall.id,
      state: stateOf(row),
      UNLocationCode: berth.unLocationCode,
      berthId: berth.id,
      berthCode: berth.code,
      berthName: berth.name,
      fromMetre: row.fromMetre,
      toMetre: row.toMetre,
      ...bollardsAround(berth.bollards as Bollard[], row),
      startsAt: row.startsAt.toISOString(),
      endsAt: row.endsAt.toISOString(),
      startsAtLocal: timeAt(zone, row.startsAt),
      endsAtLocal: timeAt(zone, row.endsAt),
      reservedFrom: (row.reservedFrom ?? row.startsAt).toISOString(),
      reservedUntil: (row.reservedUntil ?? row.endsAt).toISOString(),
      sideAlongside: row.sideAlongside as Reservation['sideAlongside'],
      dangerousGoodsClasses: row.dangerousGoodsClasses,
      reefers: row.reefers,
      predictedTide: row.predictedTide,
      alongsideFrom: row.alongsideFrom?.toISOString() ?? null,
      alongsideTo: row.alongsideTo?.toISOString() ?? null,
      releasedAt: row.releasedAt?.toISOString() ?? null,
      version: row.version,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    }
  }

  /** Everything that keeps a ship from lying where a request wants it, each named once. */
  const occupancyFaults = (
    rows: readonly OccupancyRow[],
    { visibility, portCallId }: { visibility: Visibility; portCallId: string | null },
  ): Fault[] =>
    rows.map((row) => {
      const own = row.portCallId !== null && row.portCallId === portCallId
      const ofOthers = row.kind === 'BLOCK' ? 'METRES_NOT_BLOCKED' : 'METRES_FREE'
      const zone = timeZoneAt(row.UNLocationCode)
      return obstacleFault(own ? 'SHIP_ELSEWHERE' : ofOthers, obstacleOf(row, visibility), zone)
    })

  /**
   * Finds where a ship is to lie, with every condition asked. The caller holds the call; this holds
   * the berths.
   *
   * @throws ProblemError 422 with every unmet condition; 409 with everything in the way
   */
  const settle = async (
    { sql }: Unit<Client>,
    request: ReservationRequest,
    { call, present, visibility }: Settling,
  ): Promise<Hull> => {
    const faults = requestFaults(request)
    const ship = shipOf(call)
    const window = windowOf(request)
    const besides = (rows: OccupancyRow[]) => rows.filter(({ id }) => id !== present?.id)
    const own =
      faults.length > 0
        ? []
        : besides(await reservationsOfCall(sql, { portCallId: call.id, window }))
    const held = await holdBerths(sql, [request.berthId, ...(present ? [present.berthId] : [])])
    const berth = held.find(({ id }) => id === request.berthId)
    if (!berth) {
      const detail = { en: 'there is no such berth', es: 'no existe ese atraque' }
      faults.push({ pointer: '#/berthId', detail })
    }
    const asked = berth && hullAsked(request, { ship, berth })
    if (asked) faults.push(...asked.faults)
    if (!berth || faults.length > 0) {
      throw new ProblemError(reservationErrors.RESERVATION_INVALID, { errors: faults })
    }
    const occupied = besides(await occupanciesOf(sql, { berthIds: [berth.id], window }))
    const { hull, unmet, inTheWay } = assign(
      {
        ship,
        berth,
        cargo: {
          dangerousGoodsClasses: request.dangerousGoodsClasses ?? [],
          reefers: request.reefers ?? 0,
        },
        margins,
        predictedTide: request.predictedTide ?? null,
        hull: asked?.hull,
      },
      {
        occupied: occupied.filter(({ portCallId }) => portCallId !== call.id),
        preferred: present?.berthId === berth.id ? present : null,
      },
    )
    const named = occupancyFaults([...inTheWay, ...own], { visibility, portCallId: call.id })
    if (hull !== null && named.length === 0) return hull
    const { BERTH_DOES_NOT_FIT, BERTH_TAKEN } = reservationErrors
    throw new ProblemError(unmet.some(isMisfit) ? BERTH_DOES_NOT_FIT : BERTH_TAKEN, {
      errors: [...unmet, ...named],
    })
  }

  return {
    /** @throws ProblemError 404, also for a call that the caller may not know of */
    list: async (portCallId: string, visibility: Visibility): Promise<Reservation[]> => {
      await requireCall(database.client, portCallId, visibility)
      const rows = await database.client.berthOccupancy.findMany({
        where: { portCallId, kind: 'RESERVATION' },
        orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
        include: withBerthAndShip,
      })
      return rows.map((row) => reservationOf(reservationRow(row)))
    },

    /** @throws ProblemError 404, also for one of a call that the caller may not know of */
    find: async (id: string, visibility: Visibility): Promise<Reservation> =>
      reservationOf(await requireReservation(database.client, id, visibility)),

    /**
     * Reserves metres of a berth for a call.
     *
     * @throws ProblemError 404; 409 when the call takes none, or metres are taken; 422 when the ship
     *   does not fit
     */
    reserve: async (
      unit: Unit<Client>,
      { portCallId, request, who }: { portCallId: string; request: ReservationRequest; who: Who },
    ): Promise<Reservation> => {
      const call = await holdCall(unit, portCallId, who.visibility)
      const hull = await settle(unit, request, { call, present: null, visibility: who.visibility })
      const created = await unit.tx.berthOccupancy.create({
        data: {
          id: uuidv7(),
          kind: 'RESERVATION',
          portCallId: call.id,
          createdBy: who.reporter.subject,
          ...columnsOf(request, hull),
        },
        include: withBerthAndShip,
      })
      const row = reservationRow(created)
      await keepDecision(unit, { action: 'reserve', before: null, after: row, ...who })
      unit.publish(reserved(row))
      return reservationOf(row)
    },

    /**
     * Puts a reservation elsewhere: other metres, another berth, another window. Where the request
     * names no metres it keeps its own, if they are free then.
     *
     * @throws ProblemError 404; 412; 409 when its state does not allow it, or metres are taken; 422
     *   when the ship does not fit
     */
    change: async (
      unit: Unit<Client>,
      { id, version, request, who }: Given & { request: ReservationRequest },
    ): Promise<Reservation> => {
      const present = await hold(unit, { id, version, who })
      const action = present.alongsideFrom === null ? 'move' : 'adjust'
      requireAction(present, action)
      const call = await holdCall(unit, present.portCall.id, who.visibility)
      if (present.alongsideFrom !== null && request.berthId !== present.berthId) {
        throw new ProblemError(reservationErrors.RESERVATION_NOT_IN_STATE, {
          detail: {
            en: 'The ship lies there: reserve the other berth besides, and shift the call to it',
            es: 'El buque está atracado: reserve además el otro atraque y cambie la escala a él',
          },
        })
      }
      const hull = await settle(unit, request, { call, present, visibility: who.visibility })
      const updated = await unit.tx.berthOccupancy.update({
        where: { id },
        data: {
          ...columnsOf(request, hull),
          ...sinceBerthed(request, present),
          version: { increment: 1 },
          updatedAt: new Date(),
        },
        include: withBerthAndShip,
      })
      const row = reservationRow(updated)
      await keepDecision(unit, { action, before: present, after: row, ...who })
      unit.publish(reservationChanged(row, present))
      return reservationOf(row)
    },

    /**
     * Gives a reservation up; its metres are free.
     *
     * @throws ProblemError 404; 412; 409 when the ship lies there or has lain there
     */
    release: async (unit: Unit<Client>, { id, version, who }: Given): Promise<void> => {
      const present = await hold(unit, { id, version, who })
      requireAction(present, 'release')
      await holdBerths(unit.sql, [present.berthId])
      const now = new Date()
      const updated = await unit.tx.berthOccupancy.update({
        where: { id },
        data: { releasedAt: now, version: { increment: 1 }, updatedAt: now },
        include: withBerthAndShip,
      })
      const row = reservationRow(updated)
      await keepDecision(unit, { action: 'release', before: present, after: row, ...who })
      unit.publish(reservationReleased(row, 'WITHDRAWN'))
    },

    /**
     * Names what a change ran into that the database refused, since someone went past this service:
     * the transaction is lost, so the question is asked anew.
     *
     * @throws ProblemError 409 for such an error, any other error as it is
     */
    nameConflict: async (
      error: unknown,
      { request, portCallId, visibility, id }: Refused,
    ): Promise<never> => {
      if (!violatedConstraint(error)?.startsWith('berth_occupancy_')) throw error
      const window = windowOf(request)
      const { sql } = database
      const found = [
        ...(await occupanciesOf(sql, { berthIds: [request.berthId], window })),
        ...(portCallId === null ? [] : await reservationsOfCall(sql, { portCallId, window })),
      ]
      const rows = new Map(found.map((row) => [row.id, row]))
      rows.delete(id ?? '')
      throw new ProblemError(reservationErrors.BERTH_TAKEN, {
        errors: occupancyFaults([...rows.values()], { visibility, portCallId }),
        cause: error,
      })
    },
  }
}

export type ReservationStore = ReturnType<typeof reservationStore>

/** @throws ProblemError 404, also for a call that the caller may not know of */
const requireReservation = async (
  client: Client,
  id: string,
  visibility: Visibility,
): Promise<ReservationRow> => {
  const row = await client.berthOccupancy.findUnique({
    where: { id, kind: 'RESERVATION', portCall: visibleTo(visibility) },
    include: withBerthAndShip,
  })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return reservationRow(row)
}

/**
 * Holds a reservation's call until commit.
 *
 * @throws ProblemError 404, also for one of a call that the caller may not know of; 412
 */
const hold = async (
  { tx, sql }: Unit<Client>,
  { id, version, who }: Given,
): Promise<ReservationRow> => {
  const { portCall } = await requireReservation(tx, id, who.visibility)
  await lockCall(sql, portCall.id)
  const present = await requireReservation(tx, id, who.visibility)
  assertVersion(version, present.version)
  return present
}

/**
 * Holds a call until commit.
 *
 * @throws ProblemError 404, also for a call that the caller may not know of; 409 when it takes no
 *   reservations
 */
const holdCall = async (
  { tx, sql }: Unit<Client>,
  id: string,
  visibility: Visibility,
): Promise<CallWithShip> => {
  await lockCall(sql, id)
  const call = await requireCall(tx, id, visibility)
  requireTakesReservations(call.state as PortCallState)
  const vessel = await tx.vessel.findUniqueOrThrow({ where: { id: call.vesselId } })
  return { ...call, vessel }
}

/** @throws ProblemError 409 for a call that takes no reservations */
export const requireTakesReservations = (state: PortCallState): void => {
  if (takesReservations(state)) return
  const { PORT_CALL_ENDED, PORT_CALL_NOT_IN_STATE } = portCallErrors
  throw new ProblemError(hasEnded(state) ? PORT_CALL_ENDED : PORT_CALL_NOT_IN_STATE, {
    detail: { en: `The call is ${state}`, es: `La escala está en ${state}` },
  })
}

/** @throws ProblemError 409 when the state of a reservation does not allow an action */
const requireAction = (
  row: ReservationRow,
  action: (typeof reservationLifecycle.actionNames)[number],
): void => {
  const state = stateOf(row)
  if (reservationLifecycle.nextState(state, action) !== null) return
  throw new ProblemError(reservationErrors.RESERVATION_NOT_IN_STATE, {
    detail: { en: `The reservation is ${state}`, es: `La reserva está en ${state}` },
  })
}

const windowOf = ({ startsAt, endsAt }: ReservationRequest): TimeWindow => ({
  from: new Date(startsAt),
  to: new Date(endsAt),
})

/** What matters of a call's ship for its berth. */
export const shipOf = ({ vessel, ...call }: CallWithShip): Ship => ({
  lengthOverall: vessel.lengthOverall,
  beam: vessel.beam,
  draft: deepestDraft(call, vessel.maximumDraft),
  airDraft: vessel.airDraft,
  deadweight: vessel.deadweight,
  type: vessel.type,
  UNLocationCode: call.unLocationCode,
})

/** Metres are kept to the millimetre. */
const toMillimetre = (metre: number): number => Math.round(metre * 1_000) / 1_000

/** Where a request wants the hull, if it says so, or what is wrong with the bollards it names. */
const hullAsked = (
  { fromMetre, toMetre, fromBollard, toBollard }: ReservationRequest,
  { ship, berth }: { ship: Ship; berth: PlannedBerth },
): { hull?: Hull; faults: Fault[] } => {
  if (fromBollard !== undefined && toBollard !== undefined) {
    const found = metresOfBollards(berth, { from: fromBollard, to: toBollard })
    return 'metres' in found ? { hull: found.metres, faults: [] } : found
  }
  if (fromMetre === undefined) return { faults: [] }
  const end = toMetre ?? fromMetre + (ship.lengthOverall ?? 0)
  const hull = { fromMetre: toMillimetre(fromMetre), toMetre: toMillimetre(end) }
  return { hull, faults: [] }
}

/** A ship that lies there has taken its metres, whenever its window is agreed to begin. */
const sinceBerthed = ({ startsAt }: ReservationRequest, { alongsideFrom }: ReservationRow) => {
  const agreed = new Date(startsAt)
  return alongsideFrom === null || agreed <= alongsideFrom
    ? {}
    : { startsAt: alongsideFrom, reservedFrom: agreed }
}

const columnsOf = (request: ReservationRequest, hull: Hull) => ({
  berthId: request.berthId,
  fromMetre: hull.fromMetre,
  toMetre: hull.toMetre,
  startsAt: new Date(request.startsAt),
  endsAt: new Date(request.endsAt),
  // What is agreed anew is what is taken.
  reservedFrom: null,
  reservedUntil: null,
  sideAlongside: request.sideAlongside ?? null,
  dangerousGoodsClasses: request.dangerousGoodsClasses ?? [],
  reefers: request.reefers ?? 0,
  predictedTide: request.predictedTide ?? null,
})
