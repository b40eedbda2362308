import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import type pg from 'pg'
import { type Measurement, rowOf } from './measurement.ts'

const rounds = 5
const people = 1_000
const days = 30

/** What an assessment of a thousand people's month may take; milliseconds. */
const goal = 1_000

const first = Date.UTC(2026, 2, 1)
const dayMs = 86_400_000
const at = (day: number) => new Date(first + day * dayMs).toISOString()

/** The rules of rest over the month of many people, through gateway and `personal`, and how it grows. */
export const rest: Measurement = {
  name: 'rest',
  title: `milliseconds of the rest rules over ${days} days of ${people} people, planned and recorded; growth ×10 in people`,
  run: async (log) => {
    await using platform = await startPlatform({
      ports: 'ephemeral',
      // Whatever else the machine does meanwhile, a request is measured and not shed.
      environmentOf: { personal: { SHED_DELAY_SECONDS: '3600' } },
    })
    return await withClient(platform.databaseUrl('personal'), async (client) => {
      await addPeople(client, people / 10)
      await client.query('ANALYZE')
      log(`${people / 10} people, each with ${days} shifts and what was worked of them`)
      const small = await timesOf(platform, people / 10)
      await addPeople(client, people - people / 10)
      await client.query('ANALYZE')
      log(`${people} people`)
      const large = await timesOf(platform, people)
      return [
        rowOf(`${people} people, against the goal`, large, [goal]),
        rowOf(`${people} people, against ${people / 10}`, large, small),
      ]
    })
  },
}

const timesOf = async (platform: Platform, expected: number): Promise<number[]> => {
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const time = await milliseconds(platform, expected)
    // The first round warms up.
    if (round > 0) times.push(time)
  }
  return times
}

const milliseconds = async (platform: Platform, expected: number): Promise<number> => {
  const headers = { authorization: `Bearer ${await platform.token('staff-planner')}` }
  const query = new URLSearchParams({ from: at(0), to: at(days) })
  const url = `${platform.gatewayUrl}/personal/v1/rest-assessment?${query.toString()}`
  const began = performance.now()
  const answer = await fetch(url, { headers })
  const found = (await answer.json()) as { assessed: number; items: unknown[] }
  const time = performance.now() - began
  // Thirteen hours on and eleven off keep the rules; the sample people of the platform have no shifts.
  if (!answer.ok || found.assessed < expected || found.items.length > 0) {
    throw new Error(`${answer.status}, ${found.assessed} people assessed`)
  }
  return time
}

/** People who work thirteen hours a day for a month, as planned and as recorded. */
const addPeople = async (client: pg.Client, count: number): Promise<void> => {
  await client.query('BEGIN')
  await client.query(
    `CREATE TEMPORARY TABLE planned ON COMMIT DROP AS
     SELECT person, gen_random_uuid() AS shift_id, $2::timestamptz + day * interval '1 day' AS starts_at
     FROM (SELECT gen_random_uuid() AS person FROM generate_series(1, $1::int)) AS people,
       generate_series(0, $3::int - 1) AS day`,
    [count, at(0), days],
  )
  await client.query(
    `INSERT INTO employee (id, personnel_number, given_name, family_name, given_name_key,
       family_name_key, roles, skills, rest_profile, state)
     SELECT DISTINCT ON (person) person, 'B-' || right(person::text, 12), 'A', 'B', 'A', 'B',
       '{}'::text[], '{}'::text[], 'STCW_MLC', 'ACTIVE' FROM planned`,
  )
  await client.query(
    `INSERT INTO shift (id, un_location_code, kind_of_work, emergency, starts_at, ends_at, state,
       created_by)
     SELECT shift_id, 'ESALG', 'TOWAGE', false, starts_at, starts_at + interval '13 hours', 'CLOSED',
       'bench' FROM planned`,
  )
  await client.query(
    `INSERT INTO shift_position (id, shift_id, number, role, skills, certificates)
     SELECT shift_id, shift_id, 1, 'TUG_MASTER', '{}', '{}' FROM planned`,
  )
  await client.query(
    `INSERT INTO assignment (id, shift_id, position_id, employee_id, starts_at, ends_at, overridden,
       assigned_by)
     SELECT gen_random_uuid(), shift_id, shift_id, person, starts_at, starts_at + interval '13 hours',
       '{}', 'bench' FROM planned`,
  )
  await client.query(
    `INSERT INTO work_record (id, employee_id, shift_id, started_at, ended_at, emergency, recorded_by)
     SELECT gen_random_uuid(), person, shift_id, starts_at, starts_at + interval '13 hours', false,
       'bench' FROM planned`,
  )
  await client.query('COMMIT')
}
