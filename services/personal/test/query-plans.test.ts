import { planFaults, readsOf } from '@porttrack/shared/testing/query-plans'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPersonal, type TestPersonal } from './start-personal.ts'

/** Rows of each of the tables that lists are read from. */
const rows = 100_000

/** Rows that one statement may look at in order to answer for one page. */
const mostRows = 8_000

const begin = Date.UTC(2026, 0, 5)
const at = (hours: number) => new Date(begin + hours * 3_600_000).toISOString()
const day = (days: number) => at(days * 24).slice(0, 10)
/** Ids are numbers: what test and rows speak of is the same. */
const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`

let personal: TestPersonal
beforeAll(async () => {
  personal = await startPersonal()
  const client = new pg.Client({ connectionString: personal.databaseUrl })
  await client.connect()
  const uuid = (expression: string) =>
    `('00000000-0000-7000-8000-' || lpad((${expression})::text, 12, '0'))::uuid`
  try {
    await client.query('SET synchronous_commit = off')
    for (const statement of [
      `INSERT INTO employee (id, personnel_number, given_name, family_name, given_name_key,
         family_name_key, organization, roles, skills, rest_profile, state, deactivation_reason,
         deactivated_at, deactivated_by)
       SELECT ${uuid('n')}, 'N' || lpad(n::text, 7, '0'), 'A' || n, 'B' || n, 'A' || n, 'B' || n,
         'org-' || n % 500, ARRAY['ROLE_' || n % 50], ARRAY['SKILL_' || n % 50], 'STCW_MLC',
         CASE WHEN off THEN 'INACTIVE' ELSE 'ACTIVE' END, CASE WHEN off THEN 'gone' END,
         CASE WHEN off THEN now() END, CASE WHEN off THEN 'tests' END
       FROM generate_series(1, ${rows}) AS n, LATERAL (SELECT n % 1000 = 0 AS off) AS state`,
      `INSERT INTO certificate (id, employee_id, type, number, issued, expires)
       SELECT ${uuid('n')}, ${uuid('n')}, 'TYPE_' || n % 20, 'C' || n, '2020-01-01',
         '2026-01-05'::date + n % 1000
       FROM generate_series(1, ${rows}) AS n`,
      `INSERT INTO absence (id, employee_id, kind, starts_at, ends_at, registered_by)
       SELECT ${uuid('n')}, ${uuid('n')}, 'LEAVE', start, start + interval '5 days', 'tests'
       FROM generate_series(1, ${rows}) AS n,
         LATERAL (SELECT '${at(0)}'::timestamptz + n % 1000 * interval '1 day' AS start) AS time`,
      `INSERT INTO shift (id, un_location_code, kind_of_work, emergency, port_call_id,
         service_order_id, starts_at, ends_at, state, created_by)
       SELECT ${uuid('n')}, 'ESALG', 'TOWAGE', false, ${uuid('n / 5')}, ${uuid('n')}, start,
         start + interval '8 hours', (ARRAY['CLOSED', 'RUNNING', 'PUBLISHED', 'DRAFT'])[
           CASE WHEN n < ${rows - 900} THEN 1 ELSE 2 + n % 3 END], 'tests'
       FROM generate_series(1, ${rows}) AS n,
         LATERAL (SELECT '${at(0)}'::timestamptz + n * interval '5 minutes' AS start) AS time`,
      `INSERT INTO shift_position (id, shift_id, number, role, skills, certificates)
       SELECT id, id, 1, 'ROLE_1', '{}', '{}' FROM shift`,
      `INSERT INTO assignment (id, shift_id, position_id, employee_id, starts_at, ends_at, overridden,
         assigned_by)
       SELECT id, id, id, id, starts_at, ends_at, '{}', 'tests' FROM shift`,
      `INSERT INTO work_record (id, employee_id, shift_id, started_at, ended_at, emergency, recorded_by)
       SELECT id, id, id, starts_at, ends_at, false, 'tests' FROM shift`,
      `INSERT INTO gang (id, name, kind_of_work, created_by)
       SELECT id, 'Gang ' || id, 'WORK_' || row_number() OVER (ORDER BY id) % 50, 'tests'
       FROM employee`,
      `INSERT INTO gang_member (gang_id, employee_id, number) SELECT id, id, 1 FROM employee`,
      `INSERT INTO demand (id, port_call_id, service, un_location_code, provider_organization, quantity,
         starts_at, state)
       SELECT id, port_call_id, (ARRAY['TOWAGE', 'PILOTAGE'])[
           CASE WHEN state = 'DRAFT' THEN 2 ELSE 1 END], 'ESALG', 'tugs', 1, starts_at,
         CASE state WHEN 'CLOSED' THEN 'COMPLETED' WHEN 'DRAFT' THEN 'REQUESTED' ELSE 'CONFIRMED' END
       FROM shift`,
    ]) {
      await client.query(statement)
    }
    await client.query('ANALYZE')
  } finally {
    await client.end()
  }
}, 300_000)
afterAll(() => personal[Symbol.asyncDispose]())
const sql = () => personal.opened.database.sql

const person = id(77_000)
/** Lists that those who are bound to an organization read too. */
const shared = new Set(['/v1/employees', '/v1/certificates'])

/** The last hours in which there are shifts. */
const late = rows / 12 - 48

const lists: Record<string, string[]> = {
  '/v1/employees': [
    'sort=-personnelNumber',
    'sort=familyName',
    'sort=-registeredAt',
    'skill=SKILL_7',
    'role=ROLE_7',
    'state=INACTIVE',
    'organization=org-7',
    'name=b77',
  ],
  '/v1/certificates': [
    `expiresFrom=${day(500)}`,
    `expiresFrom=${day(500)}&sort=-expires`,
    `expiresFrom=${day(500)}&type=TYPE_7`,
    `expiresFrom=${day(500)}&organization=org-7`,
  ],
  [`/v1/employees/${person}/certificates`]: [''],
  [`/v1/employees/${person}/absences`]: [''],
  [`/v1/employees/${person}/personal-data`]: [''],
  '/v1/shifts': [
    'sort=-startsAt',
    `from=${at(late)}&to=${at(late + 24)}`,
    `from=${at(late)}`,
    'state=RUNNING',
    `state=PUBLISHED&sort=-startsAt`,
    `portCallId=${id(15_400)}`,
  ],
  [`/v1/shifts/${person}/assignments`]: [''],
  '/v1/demand': [
    'sort=-startsAt',
    `from=${at(late)}&to=${at(late + 24)}`,
    'state=REQUESTED',
    'portCallServiceTypeCode=PILOTAGE',
    `portCallId=${id(15_400)}`,
  ],
  '/v1/gangs': ['kindOfWork=WORK_7'],
  '/v1/work-records': [
    'sort=startedAt',
    `employeeId=${person}`,
    `shiftId=${person}`,
    `from=${at(late)}&to=${at(late + 24)}`,
  ],
  '/v1/work-report': [`from=${day(200)}`, `from=${day(200)}&organization=org-7`],
  '/v1/rest-assessment': [`from=${at(0)}&to=${at(720)}&employeeId=${person}`],
}

const office: Identity = { roles: ['harbour-master'] }
const provider: Identity = { roles: ['service-provider'], org: 'org-7' }

describe(`what the service asks of its database, with ${rows} rows a table`, () => {
  it.each(Object.entries(lists))(
    'is found by an index in %s',
    async (path, queries) => {
      const faults: string[] = []
      for (const query of ['', ...queries].filter((each) => each !== '' || !/rest-/.test(path))) {
        for (const as of shared.has(path) ? [office, provider] : [office]) {
          for (let cursor = '', page = 1; page <= 2; page += 1) {
            const asked = `${path}?${query}${cursor}`
            const found: { next?: string } = {}
            const statements = await readsOf(async () => {
              const { status, body } = await personal.request('GET', asked, { as })
              // What a provider may not read, or search by, is refused beforehand.
              const expected = as === office ? [200] : [200, 403, 404]
              if (!expected.includes(status)) faults.push(`${asked} answers ${status}`)
              if (typeof body.next === 'string') found.next = body.next
            })
            for (const statement of statements) {
              for (const fault of await planFaults(sql(), statement, { most: mostRows })) {
                faults.push(
                  `${asked} as ${as.roles?.join()}: ${fault}\n${statement.text.slice(0, 600)}`,
                )
              }
            }
            if (found.next === undefined) break
            cursor = `&cursor=${found.next}`
          }
        }
      }
      expect(faults).toEqual([])
    },
    120_000,
  )

  it('is told where a table is read from end to end', async () => {
    const text = 'SELECT id FROM shift WHERE place = $1'
    const statement = { text, values: ['Berth 3'] }
    expect(await planFaults(sql(), statement, { most: mostRows })).toEqual([
      'reads all of shift',
      `looks at ${rows} rows`,
    ])
  })
})
