import { createHash } from 'node:crypto'
import pg from 'pg'

export type Season = {
  /** Port calls, the tenth part of which is still to come. */
  calls: number
  vessels: number
  berths: number
  /** When it is, for the season. */
  now: Date
}

/** Agents whose calls a season has: `agent-0` and so on. */
const seasonAgents = 20

/** Tug companies that a season's services are ordered from: `tugs-0` and so on. */
const seasonProviders = 5

/**
 * Fills an empty database with a season's ships, berths and calls, each with its decisions,
 * clearances, reservation, services, orders and timestamps, as set-based SQL.
 *
 * @param databaseUrl as a superuser
 */
export const makeSeason = async (databaseUrl: string, season: Season): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    // The rows refer to each other by construction: to check each, and to run triggers, takes most of the time.
    await client.query('SET session_replication_role = replica')
    await client.query('SET synchronous_commit = off')
    for (const statement of statementsOf(season)) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Id of a season's `n`th thing: a vessel, berth, call, reservation or order, the first being 0. */
export const seasonId = (kind: string, n: number): string =>
  createHash('md5')
    .update(`${kind} ${n}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** A season as SQL sees it. */
type Seen = Omit<Season, 'now'> & { now: string }

/** `seasonId` in SQL. */
const id = (kind: string, n: string) => `md5('${kind} ' || ${n})::uuid`

/**
 * The calls of a season, by number: each berth has two ships side by side, one after the other, a slot
 * of 26 hours each.
 */
const theCalls = ({ calls, berths, now }: Seen) => `
  call AS (
    SELECT n, ${id('call', 'n')} AS id, n % (${berths} * 2) AS lane,
      starts, starts + interval '20 hours' AS ends,
      CASE
        WHEN n % 40 = 0 THEN 'CANCELLED'
        WHEN n % 41 = 0 THEN 'OMITTED'
        WHEN starts + interval '8 days' < ${now} THEN 'CLOSED'
        WHEN starts + interval '20 hours' < ${now} THEN 'DEPARTED'
        WHEN starts < ${now} THEN (ARRAY['ALONGSIDE', 'WORKING', 'COMPLETED'])[1 + n % 3]
        WHEN starts - interval '2 hours' < ${now} THEN 'ARRIVED'
        WHEN n % 50 = 1 THEN 'REJECTED'
        WHEN starts - interval '7 days' < ${now} THEN 'APPROVED'
        ELSE 'ANNOUNCED'
      END AS state
    FROM generate_series(0, ${calls} - 1) AS n
    CROSS JOIN LATERAL (
      SELECT ${now} + interval '26 hours'
        * (n / (${berths} * 2) - 0.9 * ${calls} / (${berths} * 2)) + interval '1 hour' * (n % 4 - 10) AS starts
    ) AS slot
  ), placed AS (
    SELECT call.*, lane / 2 AS berth, ${portOf('lane / 2')} AS port,
      'agent-' || ${spread(seasonAgents)} AS agent,
      'tugs-' || ${spread(seasonProviders)} AS provider FROM call
  )`

/** A number below `count` that goes with no order of the calls, but is the same for a call each time. */
function spread(count: number): string {
  return `(hashint4(n)::bigint + 2147483648) % ${count}`
}

/** The port of a berth by its number: three ports share a season's berths. */
function portOf(berth: string): string {
  return `(ARRAY['ESALG', 'ESALG', 'ESALG', 'ESVLC', 'ESLPA'])[1 + (${berth}) % 5]`
}

/** What is reported of a call: hours after the ship came to its berth, or after it left. */
const reported = `
  (VALUES
    ('BERTH', 'ARRI', 'INBD', 'EST', 'PERSON', -30, 0),
    ('BERTH', 'ARRI', 'INBD', 'PLN', 'PERSON', -12, 0), ('BERTH', 'DEPA', 'OUTB', 'EST', 'PERSON', -12, 20),
    ('SEA_PASSAGE', 'CMPL', 'INBD', 'ACT', 'AIS', 0, -3), ('ANCHORAGE', 'STRT', NULL, 'ACT', 'AIS', 0, -2),
    ('TOWAGE', 'STRT', 'INBD', 'ACT', 'PERSON', 0, -0.6),
    ('BERTH', 'ARRI', 'INBD', 'ACT', 'AIS', 0, 0.1), ('BERTH', 'ARRI', 'INBD', 'ACT', 'PERSON', 0.5, 0),
    ('TOWAGE', 'CMPL', 'INBD', 'ACT', 'PERSON', 0.5, 0.1),
    ('CARGO_OPERATIONS', 'STRT', 'ALGS', 'ACT', 'PERSON', 1, 1), ('CARGO_OPERATIONS', 'CMPL', 'ALGS', 'ACT', 'PERSON', 18, 18),
    ('BERTH', 'DEPA', 'OUTB', 'ACT', 'AIS', 20, 20), ('SEA_PASSAGE', 'STRT', 'OUTB', 'ACT', 'AIS', 21, 21)
  ) AS r (service, event, phase, classifier, source, told, happened)`

const service = (call: string) =>
  `md5('service ' || ${call} || r.service || r.event || coalesce(r.phase, ''))::uuid`

/** The statements that make a season, in order. */
const statementsOf = ({ now: at, ...counts }: Season): string[] => {
  const now = `'${at.toISOString()}'::timestamptz`
  const season = { ...counts, now }
  const { calls, vessels, berths } = counts
  return [
    `INSERT INTO vessel (id, imo_number, mmsi_number, call_sign, name, name_key, flag, type,
     length_overall, beam, maximum_draft, air_draft, gross_tonnage, deadweight, capacity_teu, state)
   SELECT ${id('vessel', 'n')}, (9000000 + n)::text, (224000000 + n)::text, 'EA' || n, name, upper(name),
     (ARRAY['ES', 'PA', 'LR', 'MT', 'DK'])[1 + n % 5], (ARRAY['CONT', 'BULK', 'GCGO', 'RORO'])[1 + n % 4],
     100 + n % 200, 20 + n % 20, 8 + n % 6, 40, 20000 + n, 30000 + n, 2000, 'ACTIVE'
   FROM generate_series(0, ${vessels} - 1) AS n
   CROSS JOIN LATERAL (
     SELECT (ARRAY['Algeciras', 'Bahía', 'Estrecho', 'Gibraltar', 'Tarifa'])[1 + n % 5] || ' ' || n AS name
   ) AS named`,
    `INSERT INTO vessel_record (id, vessel_id, property, value, value_key, valid_from, source, recorded_by)
   SELECT gen_random_uuid(), v.id, known.property, known.value, upper(known.value), ${now} - interval '2 years',
     'PERSON', 'registrar'
   FROM vessel v CROSS JOIN LATERAL (VALUES ('name', v.name), ('flag', v.flag), ('callSign', v.call_sign),
     ('MMSINumber', v.mmsi_number), ('state', v.state)) AS known (property, value)`,
    `INSERT INTO vessel_certificate
     (id, vessel_id, type, number, issued_by, issued_on, expires_on, recorded_by)
   SELECT gen_random_uuid(), ${id('vessel', 'n')}, type, 'C' || n, 'DNV', ${now}::date - 300,
     ${now}::date + n % 1500, 'registrar'
   FROM generate_series(0, ${vessels} - 1) AS n CROSS JOIN unnest(ARRAY['ISM_SMC', 'ISPS']) AS type`,
    `INSERT INTO berth (id, un_location_code, code, name, quay_length, depth, state)
   SELECT ${id('berth', 'n')}, ${portOf('n')}, 'B' || lpad(n::text, 2, '0'), 'Muelle ' || n, 700, 17, 'OPEN'
   FROM generate_series(0, ${berths} - 1) AS n`,
    `WITH ${theCalls(season)}
   INSERT INTO port_call (id, vessel_id, agent_organization, known_to, un_location_code, purposes, previous_port,
     next_port, eta, etd, port_visit_reference, carrier_service_code, carrier_service_name, carrier_import_voyage_number,
     carrier_export_voyage_number, departure_authorized_at, departure_authorized_by, state,
     announced_at, updated_at)
   SELECT id, ${id('vessel', `(n % ${vessels})`)}, agent, known_to, port, ARRAY['DISCHARGING', 'LOADING'], 'NLRTM',
     'MAPTM', starts - interval '30 minutes', ends, 'V' || n, 'S' || n % 300, 'Service ' || n % 300, n || 'W', n || 'E', left_at,
     CASE WHEN left_at IS NOT NULL THEN 'harbour-master' END, state, starts - interval '10 days',
     least(starts, ${now})
   FROM placed CROSS JOIN LATERAL (
     SELECT CASE WHEN state IN ('DEPARTED', 'CLOSED') THEN ends END AS left_at,
       CASE WHEN state IN ('CANCELLED', 'OMITTED', 'REJECTED') THEN ARRAY[agent]
         ELSE ARRAY[agent, provider] END AS known_to
   ) AS departure`,
    `WITH ${theCalls(season)}
   INSERT INTO port_call_decision
     (id, port_call_id, action, from_state, to_state, source, decided_by, decided_at)
   SELECT gen_random_uuid(), placed.id, d.action, d.from_state, d.to_state, 'PERSON', 'planner',
     starts + d.hours * interval '1 hour'
   FROM placed CROSS JOIN (VALUES
     ('announce', NULL, 'ANNOUNCED', -240), ('approve', 'ANNOUNCED', 'APPROVED', -160),
     ('arrive', 'APPROVED', 'ARRIVED', -2), ('berth', 'ARRIVED', 'ALONGSIDE', 0),
     ('start', 'ALONGSIDE', 'WORKING', 1), ('complete', 'WORKING', 'COMPLETED', 18),
     ('depart', 'COMPLETED', 'DEPARTED', 20), ('close', 'DEPARTED', 'CLOSED', 192)
   ) AS d (action, from_state, to_state, hours)
   WHERE starts + d.hours * interval '1 hour' <= ${now}`,
    `WITH ${theCalls(season)}
   INSERT INTO clearance (port_call_id, authority, state, source, decided_by, decided_at)
   SELECT id, authority, CASE WHEN is_over THEN 'GRANTED' ELSE 'PENDING' END,
     CASE WHEN is_over THEN 'PERSON' END, CASE WHEN is_over THEN 'officer' END, CASE WHEN is_over THEN ends END
   FROM placed CROSS JOIN unnest(ARRAY['CUSTOMS', 'HEALTH', 'SECURITY', 'IMMIGRATION', 'DUES']) AS authority
   CROSS JOIN LATERAL (SELECT ends < ${now} AS is_over) AS departure
   WHERE state NOT IN ('ANNOUNCED', 'REJECTED')`,
    `WITH ${theCalls(season)}
   INSERT INTO berth_occupancy (id, kind, berth_id, port_call_id, from_metre, to_metre, starts_at, ends_at,
     side_alongside, alongside_from, alongside_to, released_at, created_by)
   SELECT ${id('reservation', 'n')}, 'RESERVATION', ${id('berth', 'berth')}, id, 10 + (lane % 2) * 330,
     310 + (lane % 2) * 330, starts, ends, 'PORT',
     CASE WHEN starts <= ${now} AND NOT given_up THEN starts END,
     CASE WHEN ends <= ${now} AND NOT given_up THEN ends END,
     CASE WHEN given_up THEN least(starts, ${now}) END, 'planner'
   FROM placed
   CROSS JOIN LATERAL (SELECT state IN ('CANCELLED', 'OMITTED', 'REJECTED') AS given_up) AS outcome
   WHERE state <> 'ANNOUNCED'`,
    `INSERT INTO berth_occupancy (id, kind, berth_id, from_metre, to_metre, starts_at, ends_at, reason, created_by)
   SELECT gen_random_uuid(), 'BLOCK', ${id('berth', 'n')}, 650, 700,
     ${now} + week * interval '7 days', ${now} + week * interval '7 days' + interval '6 hours',
     'Fender repair', 'planner'
   FROM generate_series(0, ${berths} - 1) AS n CROSS JOIN generate_series(-10, 3) AS week`,
    `WITH ${theCalls(season)}
   INSERT INTO port_call_service (id, port_call_id, service_type, event_type, phase, occurrence, un_location_code)
   SELECT DISTINCT ${service('placed.id')}, placed.id, r.service, r.event, r.phase, 1, port
   FROM placed CROSS JOIN ${reported}`,
    `WITH ${theCalls(season)}
   INSERT INTO port_call_timestamp (id, port_call_id, service_id, service_type, event_type, phase, classifier,
     service_time, un_location_code, source, reported_mmsi_number, reported_imo_number, recorded_by, recorded_at)
   SELECT gen_random_uuid(), placed.id, ${service('placed.id')}, r.service, r.event, r.phase, r.classifier,
     starts + r.happened * interval '1 hour', port, r.source,
     CASE WHEN r.source = 'AIS' THEN (224000000 + n % ${vessels})::text END,
     CASE WHEN r.source = 'AIS' THEN (9000000 + n % ${vessels})::text END,
     CASE WHEN r.source <> 'AIS' THEN agent END, greatest(told_at, starts - interval '9 days')
   FROM placed CROSS JOIN ${reported}
   CROSS JOIN LATERAL (
     SELECT starts + greatest(r.told, CASE WHEN r.classifier = 'ACT' THEN r.happened ELSE r.told END)
       * interval '1 hour' AS told_at
   ) AS telling
   WHERE told_at <= ${now} AND state NOT IN ('CANCELLED', 'OMITTED', 'REJECTED')`,
    `INSERT INTO port_call_timestamp (id, service_type, event_type, classifier, service_time, un_location_code,
     source, reported_mmsi_number, reported_name, recorded_at)
   SELECT gen_random_uuid(), 'SEA_PASSAGE', 'CMPL', 'ACT', at, 'ESALG', 'AIS', (636000000 + n)::text,
     'Unknown ' || n, at
   FROM generate_series(0, ${calls} / 20 - 1) AS n
   CROSS JOIN LATERAL (SELECT ${now} - n * interval '3 hours' AS at) AS sighting`,
    `WITH ${theCalls(season)}
   INSERT INTO service_order (id, port_call_id, service_type, phase, agent_organization, provider_organization,
     quantity, requested_time, planned_time, started_at, completed_at, service_time, start_service_id,
     complete_service_id, state)
   SELECT ${id('order', 'n')}, id, 'TOWAGE', 'INBD', agent, provider, 2, at,
     CASE WHEN is_over OR n % 2 = 0 THEN at END, CASE WHEN is_over THEN at END,
     CASE WHEN is_over THEN starts END, at,
     (SELECT ${service('placed.id')} FROM (VALUES ('TOWAGE', 'STRT', 'INBD')) AS r (service, event, phase)),
     (SELECT ${service('placed.id')} FROM (VALUES ('TOWAGE', 'CMPL', 'INBD')) AS r (service, event, phase)),
     CASE WHEN is_over THEN 'COMPLETED' WHEN n % 2 = 0 THEN 'CONFIRMED' ELSE 'REQUESTED' END
   FROM placed CROSS JOIN LATERAL (
     SELECT starts - interval '36 minutes' AS at, starts <= ${now} AS is_over
   ) AS tow
   WHERE state NOT IN ('CANCELLED', 'OMITTED', 'REJECTED')`,
    `WITH ${theCalls(season)}
   INSERT INTO service_order_decision (id, order_id, action, from_state, to_state, source, decided_by, decided_at)
   SELECT gen_random_uuid(), ${id('order', 'n')}, 'request', NULL, 'REQUESTED', 'PERSON', agent,
     starts - interval '3 days'
   FROM placed WHERE state NOT IN ('CANCELLED', 'OMITTED', 'REJECTED')`,
    'ANALYZE',
  ]
}
