import { eventOf } from '@porttrack/shared/events/define-events'
import type { NewEvent } from '@porttrack/shared/events/outbox'
import { events } from '../events.ts'
import type { LiveZoneEvent } from '../live/live.schema.ts'
import { validImo } from '../targets/target.ts'
import type { EndedStay } from '../zones/presence.ts'
import type { ZoneReport } from './effects.ts'

/** The stay that ends with a report; none unless the ship left. */
export const endedStay = (report: ZoneReport): EndedStay[] => {
  if (report.kind !== 'left') return []
  const { shape, at, target, enteredAt, stoppedAt } = report
  return [{ zoneId: shape.zone.id, mmsi: target.mmsi, enteredAt, leftAt: at.time, stoppedAt }]
}

const zoneEventData = ({ shape, at, target }: ZoneReport) => {
  const { id, name, kind, UNLocationCode, facilityCode } = shape.zone
  return {
    mmsi: target.mmsi,
    imo: validImo(target),
    name: target.name,
    zone: { id, name, kind, UNLocationCode, facilityCode },
    time: isoTime(at.time),
    position: { lat: at.lat, lon: at.lon },
  }
}

/** A report as the live stream tells it. */
export const liveZoneEvent = (report: ZoneReport): LiveZoneEvent => ({
  type: `rutas.zone.${report.kind}`,
  ...zoneEventData(report),
})

/** A report as the feed tells it. */
export const zoneEvent = (report: ZoneReport): NewEvent => {
  const data = zoneEventData(report)
  const about = { subject: data.mmsi, time: data.time }
  if (report.kind === 'crossed') {
    const towards = report.towards === 1 ? ('LEFT' as const) : ('RIGHT' as const)
    return eventOf(events, 'rutas.zone.crossed', { ...about, data: { ...data, towards } })
  }
  if (report.kind === 'speed-exceeded') {
    const { speed } = report
    const { speedLimitKnots } = report.shape.zone
    const exceeding = { ...data, speed, speedLimitKnots: speedLimitKnots ?? speed }
    return eventOf(events, 'rutas.zone.speed-exceeded', { ...about, data: exceeding })
  }
  if (report.kind !== 'left') {
    return eventOf(events, `rutas.zone.${report.kind}`, { ...about, data })
  }
  const stoppedAt = report.stoppedAt === null ? null : isoTime(report.stoppedAt)
  return eventOf(events, 'rutas.zone.left', { ...about, data: { ...data, stoppedAt } })
}

const isoTime = (time: number): string => new Date(time).toISOString()
