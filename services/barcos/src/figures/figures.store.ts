import type { BarcosDatabase } from '../database.ts'
import { inPort } from '../port-calls/port-call.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { BerthDay, CallDay, PortDay } from './figures.ts'

type FiguresStoreOptions = { database: Pick<BarcosDatabase, 'sql'> }

/** Whose and which calls are counted. */
type Counted = {
  /** Every port's when null. */
  UNLocationCode: string | null
  visibility: Visibility
  /** How far from its time a ship may arrive and still be on time. */
  toleranceSeconds: number
}

/** What days of a port amount to: each figure by one statement. Formulas: `docs/figures.md`. */
export const figuresStore = ({ database: { sql } }: FiguresStoreOptions) => ({
  /**
   * What each berth of a port offered on each day, what ships really took of it, and what was reserved;
   * metre-hours. A ship that still lies there has taken until now.
   */
  berthDays: (
    days: readonly PortDay[],
    { UNLocationCode, visibility }: { UNLocationCode: string; visibility: Visibility },
  ): Promise<BerthDay[]> =>
    sql<BerthDay>(
      `SELECT day.date, b.id AS "berthId", b.code AS "berthCode", b.name AS "berthName",
         b.quay_length * extract(epoch FROM day.ends - day.starts)::float8 / 3600 AS offered,
         (
           SELECT coalesce(sum((o.to_metre - o.from_metre) * greatest(0, extract(epoch FROM
             least(day.ends, coalesce(o.alongside_to, now()))
             - greatest(day.starts, o.alongside_from))::float8)), 0) / 3600
           FROM berth_occupancy o
           WHERE o.berth_id = b.id AND o.kind = 'RESERVATION' AND o.alongside_from IS NOT NULL
             AND tstzrange(o.alongside_from, o.alongside_to) && tstzrange(day.starts, day.ends)
             AND ($5::text[] IS NULL OR EXISTS (
               SELECT 1 FROM port_call c
               WHERE c.id = o.port_call_id AND c.agent_organization = ANY($5)))
         ) AS taken,
         (
           SELECT coalesce(sum((o.to_metre - o.from_metre) * extract(epoch FROM
             least(day.ends, o.ends_at) - greatest(day.starts, o.starts_at))::float8), 0) / 3600
           FROM berth_occupancy o
           WHERE o.berth_id = b.id AND o.kind = 'RESERVATION' AND o.released_at IS NULL
             AND tstzrange(o.starts_at, o.ends_at) && tstzrange(day.starts, day.ends)
             AND ($5::text[] IS NULL OR EXISTS (
               SELECT 1 FROM port_call c
               WHERE c.id = o.port_call_id AND c.agent_organization = ANY($5)))
         ) AS reserved
       FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) AS day(date, starts, ends)
       CROSS JOIN berth b
       WHERE b.un_location_code = $1`,
      [UNLocationCode, ...columnsOf(days), organizationsOf(visibility)],
    ),

  /**
   * How many ships came to their first berth and left their last one in each of some windows that
   * follow each other, how long they had waited and lain idle, and how many came on time; by berth.
   */
  callDays: (
    days: readonly PortDay[],
    { UNLocationCode, visibility, toleranceSeconds }: Counted,
  ): Promise<CallDay[]> => {
    const [dates, starts, ends] = columnsOf(days)
    return sql<CallDay>(callDays, [
      UNLocationCode,
      dates,
      starts,
      ends.at(-1),
      organizationsOf(visibility),
      toleranceSeconds,
    ])
  },

  /** How many ships are in each state of being in port. */
  shipsInPort: (): Promise<{ state: string; ships: number }[]> =>
    sql(
      `SELECT state, count(*)::int AS ships FROM port_call WHERE state = ANY($1) GROUP BY state`,
      [inPort],
    ),

  /** Which share of each berth's metres ships lie at now. */
  berthsNow: (): Promise<{ UNLocationCode: string; code: string; occupancy: number }[]> =>
    sql(
      `SELECT b.un_location_code AS "UNLocationCode", b.code,
         coalesce(sum(o.to_metre - o.from_metre), 0) / b.quay_length AS occupancy
       FROM berth b LEFT JOIN berth_occupancy o ON o.berth_id = b.id AND o.kind = 'RESERVATION'
         AND o.alongside_from IS NOT NULL AND o.alongside_to IS NULL
         AND tstzrange(o.alongside_from, o.alongside_to) @> now()
       GROUP BY b.id`,
    ),

  /**
   * How many calls that the port has not refused are due in the 24 hours to come, at each port that has
   * a berth or such a call.
   */
  callsExpected: (): Promise<{ UNLocationCode: string; calls: number }[]> =>
    sql(
      `WITH expected AS (
         SELECT un_location_code AS code FROM port_call
         WHERE state IN ('ANNOUNCED', 'APPROVED')
           AND eta >= now() AND eta < now() + interval '24 hours'
       )
       SELECT code AS "UNLocationCode", sum(calls)::int AS calls FROM (
         SELECT code, 1 AS calls FROM expected
         UNION ALL SELECT un_location_code, 0 FROM berth
       ) AS port GROUP BY code`,
    ),

  /** How many timestamps belong to no call, by who reported them. */
  orphans: (): Promise<{ source: string; orphans: number }[]> =>
    sql(
      `SELECT source, count(*)::int AS orphans FROM port_call_timestamp
       WHERE port_call_id IS NULL GROUP BY source`,
    ),
})

export type FiguresStore = ReturnType<typeof figuresStore>

const columnsOf = (days: readonly PortDay[]): [string[], Date[], Date[]] => [
  days.map(({ date }) => date),
  days.map(({ from }) => from),
  days.map(({ to }) => to),
]

const organizationsOf = (visibility: Visibility): readonly string[] | null =>
  visibility === 'all' ? null : visibility

/**
 * Of every call, one time counts for each thing that happened: that of the most believed source, and of
 * several from one source the one recorded last. What happened after the first berth was left is no
 * part of the arrival, and what happened before the last was reached no part of the departure: that
 * is how shifts between berths are passed over. Each time that a ship anchors counts by itself, and it
 * waits from the first. Of what AIS saw between a beginning and an end that others tell of, nothing
 * counts: `effectiveOf` has the same rule for one call, and a test holds both together. What breaks the DCSA matrix counts for nothing. With
 * OFFSET 0 each call is looked up by itself: the work grows with the days asked for, and not with the
 * years that are kept.
 */
const callDays = `
  WITH berthing AS (
    SELECT DISTINCT port_call_id
    FROM port_call_timestamp
    WHERE classifier = 'ACT' AND service_type = 'BERTH' AND breaches = '{}'
      AND service_time >= ($3::timestamptz[])[1] AND service_time < $4::timestamptz
  ), counted AS (
    SELECT c.id, c.eta FROM berthing CROSS JOIN LATERAL (
      SELECT id, eta FROM port_call
      WHERE id = berthing.port_call_id AND ($1::text IS NULL OR un_location_code = $1)
        AND ($5::text[] IS NULL OR agent_organization = ANY($5))
      OFFSET 0
    ) AS c
  ), raw AS (
    SELECT counted.id AS port_call_id, counted.eta, t.* FROM counted CROSS JOIN LATERAL (
      SELECT service_type, classifier, service_type || ' ' || event_type || ' ' || classifier AS what,
        event_type IN ('DEPA', 'CMPL') AS ends, service_time, source, recorded_at,
        id AS timestamp_id
      FROM port_call_timestamp
      WHERE port_call_id = counted.id AND breaches = '{}'
        AND (service_type, event_type, classifier) IN (
          ('BERTH', 'ARRI', 'ACT'), ('BERTH', 'DEPA', 'ACT'), ('BERTH', 'ARRI', 'PLN'),
          ('ANCHORAGE', 'STRT', 'ACT'), ('ANCHORAGE', 'CMPL', 'ACT'), ('SEA_PASSAGE', 'CMPL', 'ACT'),
          ('CARGO_OPERATIONS', 'CMPL', 'ACT'))
      OFFSET 0
    ) AS t
  ), believed AS (
    SELECT port_call_id, service_type, ends, service_time, lead(ends) OVER next AS next_ends,
      lead(service_time) OVER next AS next_time
    FROM raw WHERE source <> 'AIS' AND classifier = 'ACT'
    WINDOW next AS (PARTITION BY port_call_id, service_type ORDER BY service_time, ends DESC)
  ), told AS (
    SELECT raw.*, (NOT ends AND coalesce(lag(ends) OVER before, false))::int AS anew
    FROM raw
    WHERE source <> 'AIS' OR NOT EXISTS (
      SELECT FROM believed AS b
      WHERE b.port_call_id = raw.port_call_id AND b.service_type = raw.service_type
        AND NOT b.ends AND b.next_ends
        AND raw.service_time > b.service_time AND raw.service_time < b.next_time)
    WINDOW before AS (
      PARTITION BY port_call_id, service_type, classifier ORDER BY service_time, ends DESC)
  ), reported AS (
    SELECT told.*,
      CASE WHEN service_type = 'ANCHORAGE' THEN sum(anew) OVER (
        PARTITION BY port_call_id, service_type ORDER BY service_time, ends DESC) END AS occurrence,
      min(service_time) FILTER (WHERE what = 'BERTH DEPA ACT') OVER call AS first_left,
      max(service_time) FILTER (WHERE what = 'BERTH ARRI ACT') OVER call AS last_reached
    FROM told
    WINDOW call AS (PARTITION BY port_call_id)
  ), counting AS (
    SELECT DISTINCT ON (port_call_id, what, occurrence) port_call_id, eta, what, service_time
    FROM reported
    WHERE CASE
      WHEN what IN ('BERTH ARRI ACT', 'ANCHORAGE STRT ACT', 'SEA_PASSAGE CMPL ACT', 'BERTH ARRI PLN')
        THEN first_left IS NULL OR service_time < first_left
      WHEN what = 'CARGO_OPERATIONS CMPL ACT'
        THEN last_reached IS NULL OR service_time >= last_reached
      ELSE last_reached IS NULL OR service_time > last_reached
    END
    ORDER BY port_call_id, what, occurrence,
      array_position(ARRAY['PERSON', 'SYSTEM', 'AIS'], source), recorded_at DESC, timestamp_id DESC
  ), call AS (
    SELECT port_call_id, eta,
      max(service_time) FILTER (WHERE what = 'BERTH ARRI ACT') AS berthed_at,
      coalesce(
        min(service_time) FILTER (WHERE what = 'ANCHORAGE STRT ACT'),
        max(service_time) FILTER (WHERE what = 'SEA_PASSAGE CMPL ACT')) AS waits_from,
      max(service_time) FILTER (WHERE what = 'BERTH ARRI PLN') AS planned_at,
      max(service_time) FILTER (WHERE what = 'CARGO_OPERATIONS CMPL ACT') AS worked_until,
      max(service_time) FILTER (WHERE what = 'BERTH DEPA ACT') AS departed_at
    FROM counting GROUP BY port_call_id, eta
  ), happening AS (
    SELECT call.berthed_at AS at, stay.berth_id, 1 AS berthed, 0 AS departed,
      extract(epoch FROM berthed_at - waits_from)::float8 AS waiting, NULL::float8 AS idle,
      abs(extract(epoch FROM berthed_at - coalesce(planned_at, eta)))::float8 AS off_by
    FROM call
    LEFT JOIN LATERAL (
      SELECT o.berth_id FROM berth_occupancy o
      WHERE o.port_call_id = call.port_call_id AND o.alongside_from IS NOT NULL
      ORDER BY o.alongside_from LIMIT 1
    ) stay ON true
    UNION ALL
    SELECT call.departed_at, stay.berth_id, 0, 1, NULL,
      extract(epoch FROM departed_at - worked_until)::float8, NULL
    FROM call
    LEFT JOIN LATERAL (
      SELECT o.berth_id FROM berth_occupancy o
      WHERE o.port_call_id = call.port_call_id AND o.alongside_from IS NOT NULL
      ORDER BY o.alongside_from DESC LIMIT 1
    ) stay ON true
  )
  SELECT ($2::text[])[width_bucket(at, $3::timestamptz[])] AS date, berth_id AS "berthId",
    sum(berthed)::int AS berthed, sum(departed)::int AS departed,
    count(waiting) FILTER (WHERE waiting >= 0)::int AS "waitingCalls",
    coalesce(sum(waiting) FILTER (WHERE waiting >= 0), 0) AS "waitingSeconds",
    count(idle) FILTER (WHERE idle >= 0)::int AS "idleCalls",
    coalesce(sum(idle) FILTER (WHERE idle >= 0), 0) AS "idleSeconds",
    count(off_by)::int AS due,
    count(*) FILTER (WHERE off_by <= $6::float8)::int AS "onTime"
  FROM happening
  WHERE at >= ($3::timestamptz[])[1] AND at < $4::timestamptz
  GROUP BY 1, 2`
