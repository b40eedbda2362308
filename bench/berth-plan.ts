import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import type pg from 'pg'
import { type Measurement, type Row, rowOf } from './measurement.ts'

const rounds = 5
const berths = 50
const callsOfWeek = 10_000
const weeksOfHistory = 9

/** What a week's plan may take; milliseconds. */
const goal = 1_000

/** A week's berth plan through gateway and `barcos`, and how it grows. */
export const berthPlan: Measurement = {
  name: 'berth-plan',
  title: `milliseconds of a week's berth plan, ${callsOfWeek} calls at ${berths} berths; growth ×10 in the week and in the history`,
  run: async (log) => {
    await using platform = await startPlatform({
      ports: 'ephemeral',
      // Whatever else the machine does meanwhile, a request is measured and not shed.
      environmentOf: { barcos: { SHED_DELAY_SECONDS: '3600' } },
    })
    return await withClient(platform.databaseUrl('barcos'), async (client) => {
      await addPort(client, { UNLocationCode: 'ESVLC', calls: callsOfWeek / 10, week: 0 })
      await addPort(client, { UNLocationCode: 'ESALG', calls: callsOfWeek, week: 0 })
      await client.query('ANALYZE')
      log(`${callsOfWeek / 10} and ${callsOfWeek} calls in one week`)
      const [small, large, table] = [[], [], []] as [number[], number[], number[]]
      for (let round = 0; round <= rounds; round++) {
        const asked = [
          await milliseconds(platform, 'ESVLC', 'application/json'),
          await milliseconds(platform, 'ESALG', 'application/json'),
          await milliseconds(platform, 'ESALG', 'text/csv'),
        ] as const
        // The first round warms up.
        if (round === 0) continue
        for (const [index, times] of [small, large, table].entries()) times.push(asked[index] ?? 0)
      }
      const rows: Row[] = [
        rowOf(`${callsOfWeek} calls as JSON, against the goal`, large, [goal]),
        rowOf(`${callsOfWeek} calls as CSV, against the goal`, table, [goal]),
        rowOf(`${callsOfWeek} calls, against ${callsOfWeek / 10}`, large, small),
      ]
      for (let week = 1; week <= weeksOfHistory; week++) {
        await addPort(client, { UNLocationCode: 'ESALG', calls: callsOfWeek, week: -week })
        log(`week ${week} of history`)
      }
      await client.query('ANALYZE')
      const beside: number[] = []
      for (let round = 0; round <= rounds; round++) {
        const time = await milliseconds(platform, 'ESALG', 'application/json')
        if (round > 0) beside.push(time)
      }
      rows.push(rowOf('the same week beside ten times the calls, against before', beside, large))
      return rows
    })
  },
}

const milliseconds = async (
  platform: Platform,
  UNLocationCode: string,
  accept: string,
): Promise<number> => {
  const headers = { authorization: `Bearer ${await platform.token('harbour-master')}`, accept }
  const query = `UNLocationCode=${UNLocationCode}&date=2027-03-01&days=7`
  const began = performance.now()
  const answer = await fetch(`${platform.gatewayUrl}/barcos/v1/berth-plan?${query}`, { headers })
  const text = await answer.text()
  const time = performance.now() - began
  if (!answer.ok) throw new Error(text.slice(0, 300))
  const planned = text.split(UNLocationCode === 'ESALG' ? 'Ship of ESALG' : 'Ship of ESVLC').length
  if (planned < callsOfWeek / 10) throw new Error(`only ${planned} calls are planned`)
  return time
}

type Port = { UNLocationCode: string; calls: number; week: number }

/** Berths of 1,000 m on which four ships lie at a time, one after the other through a week. */
const addPort = async (client: pg.Client, { UNLocationCode, calls, week }: Port): Promise<void> => {
  const turns = calls / berths / 4
  await client.query('BEGIN')
  await client.query(
    `INSERT INTO berth (id, un_location_code, code, name, quay_length, depth, state)
     SELECT gen_random_uuid(), $1, 'Q' || n, 'Quay ' || n, 1000, 16, 'OPEN'
     FROM generate_series(1, $2::int) AS n ON CONFLICT DO NOTHING`,
    [UNLocationCode, berths],
  )
  await client.query(
    `CREATE TEMPORARY TABLE planned ON COMMIT DROP AS
     SELECT gen_random_uuid() AS vessel_id, gen_random_uuid() AS call_id, b.id AS berth_id,
            20 + 230 * slot AS from_metre,
            timestamptz '2027-02-28 23:00Z' + $3::int * interval '7 days'
              + turn * interval '7 days' / $2::int AS starts_at,
            interval '7 days' / $2::int AS lasts, turn * 4 + slot AS n
     FROM berth b, generate_series(0, $2::int - 1) AS turn, generate_series(0, 3) AS slot
     WHERE b.un_location_code = $1`,
    [UNLocationCode, turns, week],
  )
  await client.query(
    `INSERT INTO vessel (id, mmsi_number, name, name_key, length_overall, state)
     SELECT vessel_id,
            (224000000 + (SELECT count(*) FROM vessel) + row_number() OVER ())::text, 'Ship of ' || $1::text || ' ' || n, 'SHIP OF ' || $1::text || ' ' || n, 200, 'ACTIVE'
     FROM planned`,
    [UNLocationCode],
  )
  await client.query(
    `INSERT INTO port_call (id, vessel_id, agent_organization, un_location_code, purposes, eta, state)
     SELECT call_id, vessel_id, 'acme', $1, '{LOADING}', starts_at, 'APPROVED' FROM planned`,
    [UNLocationCode],
  )
  await client.query(
    `INSERT INTO berth_occupancy
       (id, kind, berth_id, port_call_id, from_metre, to_metre, starts_at, ends_at, created_by)
     SELECT gen_random_uuid(), 'RESERVATION', berth_id, call_id, from_metre, from_metre + 200,
            starts_at, starts_at + lasts, 'bench'
     FROM planned`,
  )
  await client.query('COMMIT')
}
