import type { CargaDatabase } from '../database.ts'

/** A span of time at a port, or at every port when `UNLocationCode` is null; half-open. */
type Asked = { UNLocationCode: string | null; from: Date; to: Date }

/** How much something is, and of how many it is the sum. */
type Sum = { count: number; seconds: number }

/** Events that stand: the newest of their series, which is not retracted. */
const standing = `NOT EXISTS (
    SELECT FROM container_visit_event n
    WHERE n.container_visit_id = e.container_visit_id AND n.series_id = e.series_id
      AND n.sequence > e.sequence)
  AND NOT EXISTS (
    SELECT FROM container_visit_event_retraction r WHERE r.series_id = e.series_id)`

/** What a terminal amounts to: each figure by one statement. Formulas: `docs/carga-figures.md`. */
export const figuresStore = ({ database: { sql } }: { database: Pick<CargaDatabase, 'sql'> }) => ({
  /** Containers loaded and discharged, and hours of the clock in which there were some. */
  moves: async ({ UNLocationCode, from, to }: Asked): Promise<{ moves: number; hours: number }> => {
    const [row] = await sql<{ moves: number; hours: number }>(
      `SELECT count(*)::int AS moves,
         count(DISTINCT date_trunc('hour', e.event_date_time AT TIME ZONE 'UTC'))::int AS hours
       FROM container_visit_event e JOIN container_visit v ON v.id = e.container_visit_id
       WHERE e.event_classifier_code = 'ACT' AND e.event_code IN ('LOAD', 'DISC')
         AND e.event_date_time >= $2 AND e.event_date_time < $3
         AND ($1::text IS NULL OR v.un_location_code = $1) AND ${standing}`,
      [UNLocationCode, from, to],
    )
    return row ?? { moves: 0, hours: 0 }
  },

  /** How long containers that left in the window had been ashore: from GTIN or DISC to LOAD or GTOT. */
  dwell: async ({ UNLocationCode, from, to }: Asked): Promise<Sum> => {
    const [row] = await sql<Sum>(
      `SELECT count(*)::int AS count, coalesce(sum(seconds), 0)::float8 AS seconds FROM (
         SELECT extract(epoch FROM max(e.event_date_time) - min(came.at)) AS seconds
         FROM container_visit_event e
         JOIN container_visit v ON v.id = e.container_visit_id
         CROSS JOIN LATERAL (
           SELECT min(e.event_date_time) AS at FROM container_visit_event e
           WHERE e.container_visit_id = v.id AND e.event_classifier_code = 'ACT'
             AND e.event_code = CASE v.flow WHEN 'EXPORT' THEN 'GTIN' ELSE 'DISC' END
             AND ${standing}
         ) came
         WHERE e.event_classifier_code = 'ACT'
           AND e.event_code IN ('LOAD', 'GTOT')
           AND e.event_code = CASE v.flow WHEN 'IMPORT' THEN 'GTOT' ELSE 'LOAD' END
           AND e.event_date_time >= $2 AND e.event_date_time < $3
           AND ($1::text IS NULL OR v.un_location_code = $1) AND ${standing}
           AND came.at <= e.event_date_time
         GROUP BY v.id
       ) AS stay`,
      [UNLocationCode, from, to],
    )
    return row ?? { count: 0, seconds: 0 }
  },

  /** How long trucks that left in the window had been at the gate and inside. */
  turns: async ({ UNLocationCode, from, to }: Asked): Promise<Sum> => {
    const [row] = await sql<Sum>(
      `SELECT count(*)::int AS count,
         coalesce(sum(extract(epoch FROM a.completed_at - a.arrived_at)), 0)::float8 AS seconds
       FROM gate_appointment a JOIN gate_slot s ON s.id = a.gate_slot_id
       WHERE a.completed_at >= $2 AND a.completed_at < $3
         AND ($1::text IS NULL OR s.un_location_code = $1)`,
      [UNLocationCode, from, to],
    )
    return row ?? { count: 0, seconds: 0 }
  },

  /** What each block of a yard has room for, and what stands in it now; by port and code. */
  yards: (
    UNLocationCode: string | null,
  ): Promise<{ UNLocationCode: string; block: string; slots: number; taken: number }[]> =>
    sql(
      `SELECT b.un_location_code AS "UNLocationCode", b.code AS block,
         b.bays * b."rows" * b.tiers AS slots, count(p.container_visit_id)::int AS taken
       FROM yard_block b LEFT JOIN yard_place p
         ON p.un_location_code = b.un_location_code AND p.block = b.code
       WHERE $1::text IS NULL OR b.un_location_code = $1
       GROUP BY b.un_location_code, b.code ORDER BY 1, 2`,
      [UNLocationCode],
    ),
})

export type FiguresStore = ReturnType<typeof figuresStore>
