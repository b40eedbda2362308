import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import type { PortCallRow, Tx } from '../database.ts'
import type { HeldVoyage, NewEntry, VoyageJournal } from './voyage-journal.store.ts'

const day = 24 * 60 * 60_000

/** How far a port call's arrival may be from the plan of a transport call and be the same. */
const sameCall = 7 * day

/** States of a port call in `barcos` in which no ship is awaited. */
export const endedPortCall: readonly string[] = ['DEPARTED', 'CLOSED', 'OMITTED', 'CANCELLED']

/**
 * The call of a voyage that a port call is: at its port, not tied to another, and by the voyage's
 * number or the planned arrival that is nearest, within a week.
 */
const callTiedBy = (
  { row, journey }: HeldVoyage,
  portCall: Pick<PortCallRow, 'id' | 'unLocationCode' | 'eta' | 'etd' | 'voyageNumbers'>,
): { transportCallReference: string; distance: number } | null => {
  const expected = (portCall.eta ?? portCall.etd)?.getTime() ?? null
  const isNamed = portCall.voyageNumbers.includes(row.carrierVoyageNumber)
  const candidates = journey.calls.flatMap((call) => {
    const { transportCallReference, UNLocationCode, portCallId } = call
    if (UNLocationCode !== portCall.unLocationCode) return []
    if (portCallId !== null && portCallId !== portCall.id) return []
    const planned = call.plannedArrival ?? call.plannedDeparture
    const distance = expected === null || planned === null ? sameCall : Math.abs(expected - planned)
    if (distance > sameCall || (distance === sameCall && !isNamed)) return []
    return [{ transportCallReference, distance: isNamed ? distance - 10 * sameCall : distance }]
  })
  return candidates.toSorted((a, b) => a.distance - b.distance)[0] ?? null
}

/** Ties a voyage that was just scheduled to the port calls of its ship that `barcos` has told of. */
export const tieKnownPortCalls = async (
  unit: Unit<Tx>,
  journal: VoyageJournal,
  voyageId: string,
): Promise<void> => {
  const { row, journey } = await journal.hold(unit, voyageId)
  const ports = [...new Set(journey.calls.map(({ UNLocationCode }) => UNLocationCode))]
  const ship = [
    ...(row.mmsi === null ? [] : [{ mmsi: row.mmsi }]),
    ...(row.imo === null ? [] : [{ imo: row.imo }]),
  ]
  const known = await unit.tx.portCall.findMany({
    where: { OR: ship, unLocationCode: { in: ports }, state: { notIn: [...endedPortCall] } },
    orderBy: { eta: 'asc' },
    take: 200,
  })
  for (const portCall of known) {
    const held = await journal.hold(unit, voyageId)
    await journal.record(unit, held, tieEntries(held, portCall))
  }
}

/** What ties a voyage to a port call, where it is not yet, with the arrival that the port wants. */
export const tieEntries = (held: HeldVoyage, portCall: PortCallRow): NewEntry[] => {
  const found = callTiedBy(held, portCall)
  if (found === null) return []
  const { transportCallReference } = found
  const call = held.journey.calls.find(
    (each) => each.transportCallReference === transportCallReference,
  )
  const at = { time: Date.now(), source: 'BARCOS' } as const
  const portCallId = portCall.id
  const tie: NewEntry[] =
    call?.portCallId === portCallId
      ? []
      : [{ ...at, kind: 'TIED', content: { transportCallReference, portCallId } }]
  const arrival = portCall.requestedArrival?.getTime()
  const wanted: NewEntry[] =
    arrival === undefined || arrival === call?.requestedArrival
      ? []
      : [{ ...at, kind: 'REQUESTED', content: { portCallId, arrival } }]
  return [...tie, ...wanted]
}

/** Days for which a port call that is told of no more is remembered. */
const rememberedFor = 90

/** Forgets port calls of which nothing has been told for long. */
export const dropOldPortCalls = async (sql: Sql): Promise<void> => {
  await sql(`DELETE FROM port_call WHERE changed_at < now() - $1 * interval '1 day'`, [
    rememberedFor,
  ])
}

/** A ship as events tell of it. */
export type ShipNumbers = { mmsi: string | null; imo: string | null }

/** Days for which what is told late of a voyage that has ended still corrects it. */
const correctedFor = 30

/**
 * The voyages of ships that call at any of some ports, oldest schedule first: those that go on, and those
 * that ended lately, since what belongs to them may be told late.
 */
export const voyagesOfShips = (
  sql: Sql,
  { ships, ports }: { ships: readonly ShipNumbers[]; ports: readonly string[] },
): Promise<{ id: string; mmsi: string | null; imo: string | null; endedAt: Date | null }[]> =>
  sql(
    `SELECT id::text, mmsi, imo, ended_at AS "endedAt" FROM voyage
     WHERE (mmsi = ANY($1::text[]) OR imo = ANY($2::text[])) AND state <> 'CANCELLED'
       AND (ended_at IS NULL OR ended_at > now() - $4 * interval '1 day')
       AND EXISTS (SELECT FROM transport_call
                   WHERE voyage_id = voyage.id AND un_location_code = ANY($3::text[]))
     ORDER BY scheduled_start, id`,
    [
      ships.flatMap(({ mmsi }) => mmsi ?? []),
      ships.flatMap(({ imo }) => imo ?? []),
      ports,
      correctedFor,
    ],
  )

/** Whether a voyage is of a ship, by either of its numbers; the IMO number counts where both have it. */
export const isOfShip = (voyage: ShipNumbers, ship: ShipNumbers): boolean =>
  voyage.imo !== null && ship.imo !== null
    ? voyage.imo === ship.imo
    : voyage.mmsi !== null && voyage.mmsi === ship.mmsi

/**
 * Held while events of a feed are recorded in voyages, so that two feeds that touch the same voyages
 * follow each other instead of waiting for one another.
 */
const recordingLock = 7_316_102

export const takeRecordingLock = async (sql: Sql): Promise<void> => {
  await sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [recordingLock])
}
