import { defineConsumer } from '@porttrack/shared/events/consumer'
import { EventInstant, eventReading, EventText } from '@porttrack/shared/events/event-reading'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import type { Client } from './database.ts'
import type { metrics } from './metrics.ts'
import { nullable } from './nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { takeStepSeen } from './port-calls/decision.store.ts'
import { marginsOf } from './reservations/margins.ts'
import type { Timestamp } from './timestamps/timestamp.schema.ts'
import { proposedBy, type ZoneHappening } from './timestamps/timestamp.ts'
import { recordEstimateFromAis, recordFromAis } from './timestamps/timestamp-recording.store.ts'

/** What of rutas' zone events is used here. */
const ZoneEvent = Type.Object({
  mmsi: Type.String({ pattern: String.raw`^\d{9}$` }),
  imo: nullable(EventText(20)),
  name: nullable(EventText(200)),
  zone: Type.Object({
    name: EventText(200),
    kind: EventText(50),
    UNLocationCode: nullable(Type.String({ pattern: unLocationCodePattern })),
    facilityCode: nullable(EventText(50)),
  }),
  time: EventInstant,
  // Only of `rutas.zone.left`, and not of those that rutas published before it knew.
  stoppedAt: Type.Optional(nullable(EventInstant)),
  position: Type.Object({
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    lon: Type.Number({ minimum: -180, maximum: 180 }),
  }),
})

/** What of a changed estimate of an arrival is used here. */
const EtaChanged = Type.Object({
  vesselIMONumber: nullable(EventText(20)),
  MMSINumber: nullable(Type.String({ pattern: String.raw`^\d{9}$` })),
  vesselName: nullable(EventText(200)),
  UNLocationCode: Type.String({ pattern: unLocationCodePattern }),
  portCallId: nullable(Type.String({ format: 'uuid' })),
  arrival: EventInstant,
})

type RutasFeedOptions = {
  config: { AIS_MOVES_STATE: boolean } & Parameters<typeof marginsOf>[0]
  metrics: Metrics<typeof metrics>
  log: Logger
}

/** Makes timestamps of what rutas sees in its zones, and of when it expects ships. */
export const rutasFeed = ({ config, metrics, log }: RutasFeedOptions) => {
  const read = eventReading<Client>({ metrics, log })
  const when = (happening: ZoneHappening) =>
    read(ZoneEvent, async (seen, unit, event) => {
      const hasStopped = (seen.stoppedAt ?? null) !== null
      const proposal = proposedBy(seen.zone.kind, { happening, hasStopped })
      if (!proposal) return
      const timestamp = await recordFromAis(unit, {
        ...proposal,
        sourceEventId: event.id,
        serviceDateTime: seen.time,
        serviceLocation: {
          UNLocationCode: seen.zone.UNLocationCode,
          facilityCode: seen.zone.facilityCode,
          locationName: seen.zone.name,
          geoCoordinate: { latitude: seen.position.lat, longitude: seen.position.lon },
        },
        reportedVessel: { vesselIMONumber: seen.imo, MMSINumber: seen.mmsi, name: seen.name },
      })
      if (!timestamp) return
      if (config.AIS_MOVES_STATE) await takeStepSeen(unit, timestamp, marginsOf(config))
      count(timestamp)
      if (timestamp.portCallId === null) metrics.orphanTimestamps.inc()
    })
  const count = ({ source, portCallServiceTypeCode }: Timestamp): void =>
    metrics.timestampsRecorded.inc({ source, service_type: portCallServiceTypeCode })

  return defineConsumer<Client>({
    from: 'rutas',
    handlers: {
      'rutas.zone.entered': when('entered'),
      'rutas.zone.left': when('left'),
      'rutas.zone.stopped': when('stopped'),
      'rutas.eta.changed': read(EtaChanged, async (told, unit, event) => {
        const { UNLocationCode, portCallId, vesselIMONumber, MMSINumber, vesselName: name } = told
        const timestamp = await recordEstimateFromAis(unit, {
          UNLocationCode,
          portCallId,
          serviceDateTime: told.arrival,
          sourceEventId: event.id,
          reportedVessel: { vesselIMONumber, MMSINumber, name },
        })
        if (timestamp) count(timestamp)
      }),
    },
  })
}
