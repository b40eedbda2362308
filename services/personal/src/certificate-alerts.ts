import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { every } from '@porttrack/shared/service/background'
import { dateAt } from '@porttrack/shared/time/local-time'
import type { Client, PersonalDatabase } from './database.ts'
import { events } from './events.ts'
import type { metrics } from './metrics.ts'

type CertificateAlertOptions = {
  database: PersonalDatabase
  metrics: Metrics<typeof metrics>
  config: { TIME_ZONE: string; CERTIFICATE_ALERT_DAYS: string }
}

const interval = 15 * 60_000

/** Alerts of one transaction, at most. */
const batch = 500

/** A certificate that ended while nobody looked is alerted of all the same, for so many days. */
const lateDays = 30

/** Number of the lock, of this service's database alone, that one replica at a time alerts under. */
const alertLock = 7_301

/**
 * Tells by events of certificates that end soon: once for each certificate and threshold, also when a
 * replica is killed, since the alert is kept in the transaction of its event. Of several thresholds that
 * are reached at once, the closest is told. Nobody is told of people who do not work here, nor of a
 * certificate in whose place there is one of the same type that ends later.
 */
export const certificateAlerts = ({ database, metrics, config }: CertificateAlertOptions) => {
  const thresholds = config.CERTIFICATE_ALERT_DAYS.split(',').map(Number)
  return every('certificate alerts', interval, async () => {
    const today = dateAt(config.TIME_ZONE, new Date())
    let alerted: readonly Alert[]
    do {
      alerted = await database.transaction((unit) => alertOnce(unit, { today, thresholds }))
      for (const { thresholdDays } of alerted) {
        metrics.certificateAlerts.inc({ threshold_days: thresholdDays })
      }
    } while (alerted.length === batch)
  })
}

type Alert = {
  certificateId: string
  employeeId: string
  organization: string | null
  type: string
  expires: string
  daysLeft: number
  thresholdDays: number
}

const alertOnce = async (
  { sql, publish }: Unit<Client>,
  { today, thresholds }: { today: string; thresholds: readonly number[] },
): Promise<readonly Alert[]> => {
  // It ends with the transaction: a replica that is killed holds nobody up.
  const [lock] = await sql<{ held: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1::bigint) AS held',
    [alertLock],
  )
  if (!lock?.held) return []
  const alerts = await sql<Alert>(
    `WITH due AS (
       SELECT certificate.id, certificate.employee_id, employee.organization, certificate.type,
         certificate.expires, closest.threshold
       FROM certificate
       JOIN employee ON employee.id = certificate.employee_id AND employee.state = 'ACTIVE'
       CROSS JOIN LATERAL (
         SELECT min(days) AS threshold FROM unnest($2::int[]) AS days
         WHERE certificate.expires - $1::date <= days
       ) AS closest
       WHERE certificate.revoked_at IS NULL
         AND certificate.expires BETWEEN $1::date - $3::int
           AND $1::date + (SELECT max(days) FROM unnest($2::int[]) AS days)
         AND NOT EXISTS (
           SELECT 1 FROM certificate_alert AS alert
           WHERE alert.certificate_id = certificate.id AND alert.threshold_days <= closest.threshold)
         AND NOT EXISTS (
           SELECT 1 FROM certificate AS newer
           WHERE newer.employee_id = certificate.employee_id AND newer.type = certificate.type
             AND newer.revoked_at IS NULL
             AND (newer.expires IS NULL OR newer.expires > certificate.expires))
       ORDER BY certificate.expires, certificate.id
       LIMIT $4::int
     ), kept AS (
       INSERT INTO certificate_alert (certificate_id, threshold_days)
       SELECT id, threshold FROM due
     )
     SELECT id AS "certificateId", employee_id AS "employeeId", organization, type,
       expires::text AS expires, expires - $1::date AS "daysLeft", threshold AS "thresholdDays"
     FROM due ORDER BY expires, id`,
    [today, thresholds, lateDays, batch],
  )
  for (const alert of alerts) {
    publish(
      eventOf(events, 'personal.certificate.expiring', {
        subject: alert.certificateId,
        data: alert,
      }),
    )
  }
  return alerts
}
