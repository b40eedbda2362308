import type { CloudEvent } from '@porttrack/shared/events/cloud-event'
import { defineConsumer, type EventHandler } from '@porttrack/shared/events/consumer'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Client } from './database.ts'
import type { metrics } from './metrics.ts'
import { nullable } from './nullable.ts'
import { unLocationCodePattern } from './places/un-location-code.ts'
import { takeStepSeen } from './port-calls/decision.store.ts'
import { marginsOf } from './reservations/margins.ts'
import { proposedBy, type ZoneHappening } from './timestamps/timestamp.ts'
import { recordFromAis } from './timestamps/timestamp-recording.store.ts'

/** PostgreSQL stores no NUL characters. */
const Text = (maxLength: number) => Type.String({ maxLength, pattern: String.raw`^[^\u0000]*$` })

const Instant = Type.String({
  format: 'date-time',
  // A leap second or a year that JavaScript and PostgreSQL read differently is no usable time.
  pattern: String.raw`^(?:19|2\d)\d{2}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:[0-5]`,
})

/** What of rutas' zone events is used here. */
const ZoneEvent = Type.Object({
  mmsi: Type.String({ pattern: String.raw`^\d{9}$` }),
  imo: nullable(Text(20)),
  name: nullable(Text(200)),
  zone: Type.Object({
    name: Text(200),
    kind: Text(50),
    UNLocationCode: nullable(Type.String({ pattern: unLocationCodePattern })),
    facilityCode: nullable(Text(50)),
  }),
  time: Instant,
  // Only of `rutas.zone.left`, and not of those that rutas published before it knew.
  stoppedAt: Type.Optional(nullable(Instant)),
  position: Type.Object({
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    lon: Type.Number({ minimum: -180, maximum: 180 }),
  }),
})

const EventId = Type.String({ format: 'uuid' })

type RutasFeedOptions = {
  config: { AIS_MOVES_STATE: boolean } & Parameters<typeof marginsOf>[0]
  metrics: Metrics<typeof metrics>
  log: Logger
}

/**
 * Makes timestamps of what rutas sees in its zones. An event that is not as agreed is counted,
 * logged and skipped: it would hold up all that follow, and repeating cannot mend it.
 */
export const rutasFeed = ({ config, metrics, log }: RutasFeedOptions) => {
  const read = ({ id, type, data }: CloudEvent): Static<typeof ZoneEvent> | null => {
    if (Value.Check(EventId, id) && Value.Check(ZoneEvent, data)) return data
    const [fault] = Value.Errors(ZoneEvent, data)
    metrics.malformedEvents.inc({ type })
    log.warn(
      {
        'event.id': id.slice(0, 100),
        'event.action': type,
        'event.reason': fault ? `${fault.instancePath} ${fault.message}` : 'the id is no UUID',
      },
      'event of rutas is not as agreed, skipped',
    )
    return null
  }

  const when =
    (happening: ZoneHappening): EventHandler<Client> =>
    async (event, unit) => {
      const seen = read(event)
      if (!seen) return
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
      const service = timestamp.portCallServiceTypeCode
      metrics.timestampsRecorded.inc({ source: timestamp.source, service_type: service })
      if (timestamp.portCallId === null) metrics.orphanTimestamps.inc()
    }

  return defineConsumer<Client>({
    from: 'rutas',
    handlers: {
      'rutas.zone.entered': when('entered'),
      'rutas.zone.left': when('left'),
      'rutas.zone.stopped': when('stopped'),
    },
  })
}
