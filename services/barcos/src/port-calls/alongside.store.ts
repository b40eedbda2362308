import type { Unit } from '@porttrack/shared/database/transaction'
import type { Client } from '../database.ts'
import type { Source } from '../reporter.ts'
import { beginStay, correctStay, endStay, releaseReservations } from '../reservations/stay.store.ts'
import type { Classifier, EventType, Phase, ServiceType } from '../timestamps/port-call-matrix.ts'
import { endsOfStays } from '../timestamps/berth-stays.ts'
import { occurrenceOf } from '../timestamps/occurrences.ts'
import { effectiveOf } from '../timestamps/timestamp.ts'
import { goesToBerth, latestOf, type Reservation, type Situation } from './decision.ts'
import type { DecisionBody } from './decision.schema.ts'
import type { PortCallAction } from './port-call.ts'

/**
 * The reservations of a call that take up metres, in the order of their windows. Their berths are
 * held until commit, in one order for everyone: who moves a ship changes what is free there.
 */
export const reservationsOf = async (
  { tx, sql }: Unit<Client>,
  portCallId: string,
): Promise<Reservation[]> => {
  await sql(
    `SELECT 1 FROM berth WHERE id IN (
       SELECT berth_id FROM berth_occupancy
       WHERE port_call_id = $1::uuid AND kind = 'RESERVATION' AND released_at IS NULL
     ) ORDER BY id FOR UPDATE`,
    [portCallId],
  )
  const rows = await tx.berthOccupancy.findMany({
    where: { portCallId, kind: 'RESERVATION', releasedAt: null },
    include: { berth: { select: { name: true, state: true, facilityCode: true } } },
    orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
  })
  return rows.map(({ berth, ...row }) => ({
    id: row.id,
    berthId: row.berthId,
    berthName: berth.name,
    berthState: berth.state,
    facilityCode: berth.facilityCode,
    fromMetre: row.fromMetre,
    toMetre: row.toMetre,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    alongsideFrom: row.alongsideFrom,
    alongsideTo: row.alongsideTo,
  }))
}

type Move = {
  portCallId: string
  action: PortCallAction
  situation: Situation
  leftAt: Date | null
  body: Pick<DecisionBody, 'occurredAt' | 'arrivedAt'>
}

/** Notes on a call's reservations where its ship has come to lie, and gives back what it needs no more. */
export const moveShip = async (
  unit: Unit<Client>,
  { portCallId, action, situation, leftAt, body }: Move,
): Promise<void> => {
  const { lyingAt, goingTo } = situation
  const after = lyingAt?.alongsideFrom ?? null
  const leavesBerth = action === 'shift' || action === 'depart'
  if (leavesBerth && lyingAt) {
    const told = instant(body.occurredAt) ?? (await reported(unit, 'DEPA', { portCallId, after }))
    // It had left before it came to the other berth.
    await endStay(unit, lyingAt.id, told ?? instant(body.arrivedAt) ?? new Date())
  }
  if (goesToBerth(action) && goingTo) {
    const made = action === 'berth' ? body.occurredAt : body.arrivedAt
    const told = instant(made) ?? (await reported(unit, 'ARRI', { portCallId, after }))
    const at = told ?? instant(body.occurredAt) ?? new Date()
    await beginStay(unit, goingTo.id, {
      at,
      leftAt: leftAt !== null && leftAt > at ? leftAt : null,
    })
  }
  if (endsNeed.has(action)) await releaseReservations(unit, portCallId)
}

/** Actions after which a call needs no berth that its ship has not lain at. */
const endsNeed: ReadonlySet<PortCallAction> = new Set(['reject', 'cancel', 'omit', 'depart'])

const instant = (time: string | undefined): Date | null =>
  time === undefined ? null : new Date(time)

/** The time of the last berth arrival or departure that was reported, and counts. */
const reported = async (
  { tx }: Unit<Client>,
  event: BerthEvent,
  { portCallId, after }: { portCallId: string; after: Date | null },
): Promise<Date | null> => {
  const times = effectiveOf(await berthTimestamps(tx, portCallId))
    .filter((each) => each.portCallServiceEventTypeCode === event)
    .map(({ serviceDateTime }) => new Date(serviceDateTime))
  return latestOf(times.filter((time) => after === null || time > after))
}

/**
 * Has the stays of a call follow its berth arrivals and departures, after these were told anew or
 * corrected: where as many stays were told as there are, each has the times of its own. The caller
 * holds the call.
 */
export const followTimestamps = async (unit: Unit<Client>, portCallId: string): Promise<void> => {
  const stays = await unit.tx.berthOccupancy.findMany({
    where: { portCallId, kind: 'RESERVATION', alongsideFrom: { not: null } },
    orderBy: [{ alongsideFrom: 'asc' }, { id: 'asc' }],
    select: { id: true, alongsideFrom: true, alongsideTo: true },
  })
  const told = await toldStays(unit.tx, portCallId)
  if (told.length !== stays.length) return
  for (const [index, stay] of stays.entries()) {
    const from = told[index]?.ARRI ?? stay.alongsideFrom
    const to = stay.alongsideTo === null ? null : (told[index]?.DEPA ?? stay.alongsideTo)
    const differs =
      from?.getTime() !== stay.alongsideFrom?.getTime() ||
      to?.getTime() !== stay.alongsideTo?.getTime()
    // Told times may contradict each other until the next is corrected too.
    const possible = from !== null && (to === null || to >= from)
    if (differs && possible) await correctStay(unit, stay.id, { from, to })
  }
}

/** The berth stays that were told of a call, in order, with the arrival and departure that count. */
const toldStays = async (
  tx: Client,
  portCallId: string,
): Promise<Partial<Record<BerthEvent, Date>>[]> => {
  const told = await berthTimestamps(tx, portCallId)
  const ends = endsOfStays(told)
  const stays = Map.groupBy(effectiveOf(told), (each) => occurrenceOf(ends, each))
  return [...stays]
    .toSorted(([a], [b]) => a - b)
    .map(([, each]) =>
      Object.fromEntries(
        each.map(({ portCallServiceEventTypeCode: event, serviceDateTime }) => [
          event,
          new Date(serviceDateTime),
        ]),
      ),
    )
}

type BerthEvent = Extract<EventType, 'ARRI' | 'DEPA'>

/** The actual timestamps of a call's berth arrivals and departures. */
const berthTimestamps = async (tx: Client, portCallId: string) => {
  const rows = await tx.portCallTimestamp.findMany({
    where: { portCallId, serviceType: 'BERTH', classifier: 'ACT', breaches: { isEmpty: true } },
  })
  return rows.map((row) => ({
    id: row.id,
    portCallServiceTypeCode: row.serviceType as ServiceType,
    portCallServiceEventTypeCode: row.eventType as EventType,
    portCallPhaseTypeCode: row.phase as Phase | null,
    classifierCode: row.classifier as Classifier,
    serviceDateTime: row.serviceTime.toISOString(),
    source: row.source as Source,
    recordedAt: row.recordedAt.toISOString(),
  }))
}
