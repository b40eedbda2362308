import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { BerthOccupancyRow, BerthRow, Client, PortCallRow, VesselRow } from '../database.ts'
import { events } from '../events.ts'
import { callParties } from '../port-calls/port-call.store.ts'
import { holdBerths } from './occupancy.store.ts'
import type { ReleaseCause } from './reservation.ts'

/** A reservation with where it is and whose ship it is for. */
export type ReservationRow = BerthOccupancyRow & {
  berth: BerthRow
  portCall: PortCallRow & { vessel: VesselRow }
}

export const withBerthAndShip = {
  berth: true,
  portCall: { include: { vessel: true } },
} as const

/**
 * Marks that the ship lies at its reserved metres since `at`, or lay there until `leftAt`. The caller
 * holds the call; this holds the berth.
 */
export const beginStay = async (
  { tx, sql, publish }: Unit<Client>,
  reservationId: string,
  { at, leftAt = null }: { at: Date; leftAt?: Date | null },
): Promise<void> => {
  const present = await requireRow(tx, reservationId)
  await holdBerths(sql, [present.berthId])
  const row = await update(tx, reservationId, {
    alongsideFrom: at,
    alongsideTo: leftAt,
    // A ship that comes early takes its metres from then on.
    ...(at < present.startsAt ? { startsAt: at, reservedFrom: present.startsAt } : {}),
  })
  publish(reservationChanged(row, present))
}

/**
 * Marks that the ship has left its metres at `at`, and frees the rest of the window. A ship that was
 * gone before its window began frees all of it. The caller holds the call; this holds the berth.
 */
export const endStay = async (
  { tx, sql, publish }: Unit<Client>,
  reservationId: string,
  at: Date,
): Promise<void> => {
  const present = await requireRow(tx, reservationId)
  await holdBerths(sql, [present.berthId])
  const row = await update(tx, reservationId, {
    // Told times may contradict each other; a stay has no negative length.
    ...(present.alongsideFrom === null
      ? {}
      : { alongsideTo: at < present.alongsideFrom ? present.alongsideFrom : at }),
    ...(at <= present.startsAt ? { releasedAt: new Date() } : {}),
    ...(at > present.startsAt && at < present.endsAt
      ? { endsAt: at, reservedUntil: present.endsAt }
      : {}),
  })
  publish(reservationReleased(row, 'SHIP_LEFT'))
}

/**
 * Corrects when the ship came to its metres and left them. What is taken of the quay stays as it is: a
 * correction tells of the past. The caller holds the call.
 */
export const correctStay = async (
  { tx, publish }: Unit<Client>,
  reservationId: string,
  { from, to }: { from: Date; to: Date | null },
): Promise<void> => {
  const present = await requireRow(tx, reservationId)
  const row = await update(tx, reservationId, { alongsideFrom: from, alongsideTo: to })
  publish(reservationChanged(row, present))
}

/**
 * Gives up everything that is still reserved for a call and not in use, as when the call is
 * cancelled, omitted or rejected, or its ship departs. The caller holds the call; this holds the
 * berths.
 */
export const releaseReservations = async (
  { tx, sql, publish }: Unit<Client>,
  portCallId: string,
): Promise<void> => {
  const waiting = (await reservationsOf(tx, portCallId)).filter(
    ({ alongsideFrom }) => alongsideFrom === null,
  )
  if (waiting.length === 0) return
  await holdBerths(sql, [...new Set(waiting.map(({ berthId }) => berthId))])
  for (const { id } of waiting) {
    publish(reservationReleased(await update(tx, id, { releasedAt: new Date() }), 'CALL_ENDED'))
  }
}

/** Reservations of a call that take up metres, in the order of their windows. */
const reservationsOf = async (tx: Client, portCallId: string): Promise<ReservationRow[]> => {
  const rows = await tx.berthOccupancy.findMany({
    where: { portCallId, kind: 'RESERVATION', releasedAt: null },
    orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
    include: withBerthAndShip,
  })
  return rows.map(reservationRow)
}

const requireRow = async (tx: Client, id: string): Promise<ReservationRow> =>
  reservationRow(
    await tx.berthOccupancy.findUniqueOrThrow({
      where: { id, kind: 'RESERVATION' },
      include: withBerthAndShip,
    }),
  )

type Changed = Partial<
  Pick<
    BerthOccupancyRow,
    | 'alongsideFrom'
    | 'alongsideTo'
    | 'releasedAt'
    | 'startsAt'
    | 'endsAt'
    | 'reservedFrom'
    | 'reservedUntil'
  >
>

const update = async (tx: Client, id: string, changed: Changed): Promise<ReservationRow> =>
  reservationRow(
    await tx.berthOccupancy.update({
      where: { id },
      data: { ...changed, version: { increment: 1 }, updatedAt: new Date() },
      include: withBerthAndShip,
    }),
  )

type Included = Omit<ReservationRow, 'portCall'> & { portCall: ReservationRow['portCall'] | null }

/** A row of the table that blocks are in too, as the reservation that it is. */
export const reservationRow = ({ portCall, ...row }: Included): ReservationRow => {
  if (portCall === null) throw new Error(`occupancy ${row.id} is no reservation`)
  return { ...row, portCall }
}

/** That metres were reserved. */
export const reserved = (row: ReservationRow) =>
  eventOf(events, 'barcos.berth.reserved', { subject: row.id, data: told(row) })

/** That a reservation was moved, resized or marked as in use. */
export const reservationChanged = (row: ReservationRow, previous: ReservationRow) =>
  eventOf(events, 'barcos.berth.reservation-changed', {
    subject: row.id,
    data: { ...told(row), previous: placed(previous) },
  })

/** That the metres of a reservation, or the rest of its window, are free. */
export const reservationReleased = (row: ReservationRow, cause: ReleaseCause) =>
  eventOf(events, 'barcos.berth.reservation-released', {
    subject: row.id,
    data: { ...told(row), cause },
  })

const placed = ({ berth, ...row }: ReservationRow) => ({
  berthId: berth.id,
  berthCode: berth.code,
  berthName: berth.name,
  fromMetre: row.fromMetre,
  toMetre: row.toMetre,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
})

const told = (row: ReservationRow) => {
  const { vessel, ...call } = row.portCall
  return {
    reservationId: row.id,
    portCallId: call.id,
    ...callParties(call),
    vesselId: vessel.id,
    vesselIMONumber: vessel.imoNumber,
    MMSINumber: vessel.mmsiNumber,
    vesselName: vessel.name,
    UNLocationCode: row.berth.unLocationCode,
    facilityCode: row.berth.facilityCode,
    ...placed(row),
    alongsideFrom: row.alongsideFrom?.toISOString() ?? null,
    alongsideTo: row.alongsideTo?.toISOString() ?? null,
  }
}
