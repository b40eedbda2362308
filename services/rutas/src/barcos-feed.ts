import type { Unit } from '@porttrack/shared/database/transaction'
import { defineConsumer } from '@porttrack/shared/events/consumer'
import { EventInstant, eventReading, EventText } from '@porttrack/shared/events/event-reading'
import type { Logger } from '@porttrack/shared/logging/logger'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { type TSchema, Type } from 'typebox'
import type { Tx } from './database.ts'
import type { RutasMetrics } from './metrics.ts'
import {
  endedPortCall,
  isOfShip,
  type ShipNumbers,
  takeRecordingLock,
  tieEntries,
  voyagesOfShips,
} from './voyages/port-call.store.ts'
import type { NewEntry, VoyageJournal } from './voyages/voyage-journal.store.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Id = Type.String({ format: 'uuid' })
const UNLocationCode = Type.String({ pattern: unLocationCodePattern })

const vessel = {
  vesselIMONumber: nullable(Type.String({ pattern: String.raw`^\d{7}$` })),
  MMSINumber: nullable(Type.String({ pattern: String.raw`^\d{9}$` })),
}

/** What of barcos' events is used here. */
const PortCallTold = Type.Object({
  portCallId: Id,
  ...vessel,
  UNLocationCode,
  eta: nullable(EventInstant),
  etd: nullable(EventInstant),
  state: EventText(50),
  carrierImportVoyageNumber: nullable(EventText(50)),
  carrierExportVoyageNumber: nullable(EventText(50)),
})
const StateChanged = Type.Object({
  portCallId: Id,
  ...vessel,
  UNLocationCode,
  eta: nullable(EventInstant),
  etd: nullable(EventInstant),
  action: EventText(50),
  to: EventText(50),
  occurredAt: nullable(EventInstant),
})
const TimestampRecorded = Type.Object({
  portCallId: nullable(Id),
  portCallServiceTypeCode: nullable(EventText(50)),
  portCallServiceEventTypeCode: EventText(10),
  classifierCode: EventText(10),
  serviceDateTime: EventInstant,
})

/** Services whose requested time is the time that the port wants the ship: at the berth, or off the port. */
const arrivalServices: ReadonlySet<string | null> = new Set(['BERTH', 'PILOT_BOARDING_PLACE'])

type BarcosFeedOptions = { journal: VoyageJournal; metrics: RutasMetrics; log: Logger }

/**
 * Ties voyages to the port calls of `barcos`, and takes over what the port says: arrived, departed,
 * omitted, wanted at another time.
 */
export const barcosFeed = ({ journal, metrics, log }: BarcosFeedOptions) => {
  const on = eventReading<Tx>({ metrics, log })

  const record = async (
    unit: Unit<Tx>,
    { ship, port }: { ship: ShipNumbers; port: string },
    entriesFor: (held: Awaited<ReturnType<VoyageJournal['hold']>>) => NewEntry[],
  ): Promise<void> => {
    await takeRecordingLock(unit.sql)
    for (const voyage of await voyagesOfShips(unit.sql, { ships: [ship], ports: [port] })) {
      if (!isOfShip(voyage, ship)) continue
      let held = await journal.hold(unit, voyage.id)
      if (held.row.mmsi === null && ship.mmsi !== null) {
        const { mmsi } = ship
        held = {
          ...held,
          row: await unit.tx.voyage.update({ where: { id: voyage.id }, data: { mmsi } }),
        }
      }
      await journal.record(unit, held, entriesFor(held))
    }
  }

  const takePortCall = on(PortCallTold, async (data, unit) => {
    const { portCallId: id, UNLocationCode: port } = data
    const ship = { mmsi: data.MMSINumber, imo: data.vesselIMONumber }
    const voyageNumbers = [data.carrierImportVoyageNumber, data.carrierExportVoyageNumber].flatMap(
      (number) => number ?? [],
    )
    const columns = {
      ...ship,
      unLocationCode: port,
      state: data.state,
      eta: dateOf(data.eta),
      etd: dateOf(data.etd),
      voyageNumbers,
      changedAt: new Date(),
    }
    const portCall = await unit.tx.portCall.upsert({
      where: { id },
      create: { id, ...columns },
      update: columns,
    })
    if (endedPortCall.includes(data.state)) return
    await record(unit, { ship, port }, (held) => tieEntries(held, portCall))
  })

  const takeState = on(StateChanged, async (data, unit, event) => {
    const { portCallId, UNLocationCode: port, to } = data
    const ship = { mmsi: data.MMSINumber, imo: data.vesselIMONumber }
    await unit.tx.portCall.updateMany({
      where: { id: portCallId },
      data: { state: to, changedAt: new Date() },
    })
    const sighting: NewEntry = {
      kind: 'ARRIVAL',
      time: Date.parse(data.occurredAt ?? event.time),
      source: 'BARCOS',
      content: {
        UNLocationCode: port,
        facilityCode: null,
        transportCallReference: null,
        portCallId,
      },
      sourceEventId: event.id,
    }
    await record(unit, { ship, port }, (held) => {
      const isTied = held.journey.calls.some((call) => call.portCallId === portCallId)
      switch (data.action) {
        case 'arrive':
          return [sighting]
        case 'depart':
          return [{ ...sighting, kind: 'DEPARTURE' }]
        case 'omit':
          return [{ ...sighting, kind: 'OMISSION' }]
        case 'cancel':
        case 'reject':
          return isTied
            ? [{ kind: 'UNTIED', time: sighting.time, source: 'BARCOS', content: { portCallId } }]
            : []
        default:
          return []
      }
    })
  })

  const takeTimestamp = on(TimestampRecorded, async (data, unit, event) => {
    const { portCallId, serviceDateTime } = data
    if (portCallId === null || data.classifierCode !== 'REQ') return
    if (data.portCallServiceEventTypeCode !== 'ARRI') return
    if (!arrivalServices.has(data.portCallServiceTypeCode)) return
    const portCall = await unit.tx.portCall.findUnique({ where: { id: portCallId } })
    if (!portCall) return
    const arrival = new Date(serviceDateTime)
    await unit.tx.portCall.update({
      where: { id: portCallId },
      data: { requestedArrival: arrival, changedAt: new Date() },
    })
    await record(unit, { ship: portCall, port: portCall.unLocationCode }, (held) =>
      held.journey.calls.some((call) => call.portCallId === portCallId)
        ? [
            {
              kind: 'REQUESTED',
              time: Date.parse(event.time),
              source: 'BARCOS',
              content: { portCallId, arrival: arrival.getTime() },
              sourceEventId: event.id,
            },
          ]
        : [],
    )
  })

  return defineConsumer<Tx>({
    from: 'barcos',
    handlers: {
      'barcos.port-call.announced': takePortCall,
      'barcos.port-call.amended': takePortCall,
      'barcos.port-call.state-changed': takeState,
      'barcos.timestamp.recorded': takeTimestamp,
    },
  })
}

const dateOf = (time: string | null): Date | null => (time === null ? null : new Date(time))
