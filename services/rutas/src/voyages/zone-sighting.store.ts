import type { Database, Unit } from '@porttrack/shared/database/transaction'
import { followOwnEvents, type OwnEvent } from '@porttrack/shared/events/own-events'
import type { Static } from 'typebox'
import type { Tx } from '../database.ts'
import type { ZoneEvent } from '../events.ts'
import { isOfShip, takeRecordingLock, voyagesOfShips } from './port-call.store.ts'
import type { NewEntry, VoyageJournal } from './voyage-journal.store.ts'

type Seen = { event: OwnEvent; data: Static<typeof ZoneEvent>; kind: 'ARRIVAL' | 'DEPARTURE' }

/** Names the reader of what zones have seen. */
export const sightingReader = 'rutas voyages'

const types = ['rutas.zone.entered', 'rutas.zone.left', 'rutas.zone.stopped']

/**
 * Brings what zones see of ships into their voyages: a ship that enters a port area, or has stopped in a
 * berth, has come to the port; one that leaves the port area has left it. Works behind ingest, on what
 * it has published.
 */
export const zoneSightings = (database: Database<Tx>, journal: VoyageJournal) =>
  followOwnEvents({
    name: sightingReader,
    database,
    types,
    apply: (events, unit) => recordSightings(unit, journal, events.flatMap(sightingOf)),
  })

const sightingOf = (event: OwnEvent): Seen[] => {
  // As ingest wrote it.
  const data = event.data as Static<typeof ZoneEvent>
  const { kind, UNLocationCode } = data.zone
  if (UNLocationCode === null) return []
  if (kind === 'port-area' && event.type === 'rutas.zone.entered') {
    return [{ event, data, kind: 'ARRIVAL' }]
  }
  if (kind === 'port-area' && event.type === 'rutas.zone.left') {
    return [{ event, data, kind: 'DEPARTURE' }]
  }
  if (kind === 'berth' && event.type === 'rutas.zone.stopped') {
    return [{ event, data, kind: 'ARRIVAL' }]
  }
  return []
}

const recordSightings = async (
  unit: Unit<Tx>,
  journal: VoyageJournal,
  sightings: readonly Seen[],
): Promise<void> => {
  if (sightings.length === 0) return
  const ships = sightings.map(({ data }) => ({ mmsi: data.mmsi, imo: data.imo }))
  const ports = [...new Set(sightings.flatMap(({ data }) => data.zone.UNLocationCode ?? []))]
  const voyages = await voyagesOfShips(unit.sql, { ships, ports })
  if (voyages.length === 0) return
  await takeRecordingLock(unit.sql)
  for (const voyage of voyages) {
    const own = sightings.filter(
      ({ data, event }) =>
        isOfShip(voyage, data) &&
        // What follows the end of a voyage is of another.
        (voyage.endedAt === null || Date.parse(event.time) <= voyage.endedAt.getTime()),
    )
    const [first] = own
    if (!first) continue
    let held = await journal.hold(unit, voyage.id)
    if (held.row.mmsi === null) {
      const { mmsi } = first.data
      const row = await unit.tx.voyage.update({ where: { id: voyage.id }, data: { mmsi } })
      held = { ...held, row }
    }
    await journal.record(unit, held, own.map(entryOfSighting))
  }
}

const entryOfSighting = ({ event, data, kind }: Seen): NewEntry => ({
  kind,
  time: Date.parse(data.time),
  source: 'ZONE',
  content: {
    UNLocationCode: data.zone.UNLocationCode ?? '',
    facilityCode: data.zone.facilityCode,
    transportCallReference: null,
    portCallId: null,
  },
  sourceEventId: event.id,
  traceparent: event.traceparent?.endsWith('-01') === true ? event.traceparent : null,
})
