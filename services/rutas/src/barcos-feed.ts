import type { Unit } from '@porttrack/shared/database/transaction'
import type { CloudEvent } from '@porttrack/shared/events/cloud-event'
import { defineConsumer, type EventHandler } from '@porttrack/shared/events/consumer'
import type { Logger } from '@porttrack/shared/logging/logger'
import { type Static, type TObject, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
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
const Instant = Type.String({
  format: 'date-time',
  // A leap second or a year that JavaScript and PostgreSQL read differently is no usable time.
  pattern: String.raw`^(?:19|2\d)\d{2}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:[0-5]`,
})
/** PostgreSQL stores no NUL characters. */
const Text = (maxLength: number) => Type.String({ maxLength, pattern: String.raw`^[^\u0000]*$` })
const UNLocationCode = Type.String({ pattern: '^[A-Z]{2}[A-Z2-9]{3}$' })

const vessel = {
  vesselIMONumber: nullable(Type.String({ pattern: String.raw`^\d{7}$` })),
  MMSINumber: nullable(Type.String({ pattern: String.raw`^\d{9}$` })),
}

/** What of barcos' events is used here. */
const PortCallTold = Type.Object({
  portCallId: Id,
  ...vessel,
  UNLocationCode,
  eta: nullable(Instant),
  etd: nullable(Instant),
  state: Text(50),
  carrierImportVoyageNumber: nullable(Text(50)),
  carrierExportVoyageNumber: nullable(Text(50)),
})
const StateChanged = Type.Object({
  portCallId: Id,
  ...vessel,
  UNLocationCode,
  eta: nullable(Instant),
  etd: nullable(Instant),
  action: Text(50),
  to: Text(50),
  occurredAt: nullable(Instant),
})
const TimestampRecorded = Type.Object({
  portCallId: nullable(Id),
  portCallServiceTypeCode: nullable(Text(50)),
  portCallServiceEventTypeCode: Text(10),
  classifierCode: Text(10),
  serviceDateTime: Instant,
})

/** Services whose requested time is the time that the port wants the ship: at the berth, or off the port. */
const arrivalServices: ReadonlySet<string | null> = new Set(['BERTH', 'PILOT_BOARDING_PLACE'])

type BarcosFeedOptions = { journal: VoyageJournal; metrics: RutasMetrics; log: Logger }

/**
 * Ties voyages to the port calls of `barcos`, and takes over what the port says: arrived, departed,
 * omitted, wanted at another time. An event that is not as agreed is counted, logged and skipped: it
 * would hold up all that follow, and repeating cannot mend it.
 */
export const barcosFeed = ({ journal, metrics, log }: BarcosFeedOptions) => {
  const on =
    <S extends TObject>(
      schema: S,
      apply: (data: Static<S>, unit: Unit<Tx>, event: CloudEvent) => Promise<void>,
    ): EventHandler<Tx> =>
    async (event, unit) => {
      const { id, type, data } = event
      if (Value.Check(Id, id) && Value.Check(schema, data)) return apply(data, unit, event)
      const [fault] = Value.Errors(schema, data)
      metrics.malformedEvents.inc({ type })
      log.warn(
        {
          'event.id': id.slice(0, 100),
          'event.action': type,
          'event.reason': fault ? `${fault.instancePath} ${fault.message}` : 'the id is no UUID',
        },
        'event of barcos is not as agreed, skipped',
      )
    }

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
