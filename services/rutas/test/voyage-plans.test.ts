import { planFaults, readsOf } from '@porttrack/shared/testing/query-plans'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { voyagesOfShips } from '../src/voyages/port-call.store.ts'

const open = () => startTestService(rutas, { env: { BACKGROUND: 'off' } })
let service: Awaited<ReturnType<typeof open>>

/** Voyages of a thousand ships over some years, three calls each, among many more that are heard. */
const manyVoyages = [
  `INSERT INTO target (mmsi, kind, received_at)
   SELECT 224000000 + n, 'vessel', now() FROM generate_series(0, 19999) AS n`,
  `INSERT INTO voyage (id, mmsi, imo, carrier_voyage_number, state, scheduled_start, ended_at,
                       deviations, deviating, watch_at, trace_at)
   SELECT gen_random_uuid(), (224000000 + n % 1000)::text, (9000000 + n % 1000)::text, n::text,
          CASE WHEN n % 100 = 0 THEN 'UNDERWAY' ELSE 'COMPLETED' END,
          timestamptz '2024-01-01Z' + n * interval '1 hour',
          CASE WHEN n % 100 = 0 THEN NULL ELSE now() - interval '1 year' END, '[]',
          CASE WHEN n % 200 = 0 THEN ARRAY['LATE'] ELSE '{}'::text[] END,
          CASE WHEN n % 100 = 0 THEN now() END, CASE WHEN n % 100 = 0 THEN now() END
   FROM generate_series(1, 20000) AS n`,
  `INSERT INTO transport_call (voyage_id, number, reference, un_location_code, state, expected_at)
   SELECT id, k, k::text, (ARRAY['ESALG', 'PTSIE', 'NLRTM', 'DEHAM'])[1 + (hashtext(id::text) & 3)],
          'EXPECTED', scheduled_start + k * interval '2 days'
   FROM voyage, generate_series(0, 2) AS k`,
  'ANALYZE target, voyage, transport_call',
]

beforeAll(async () => {
  service = await open()
  for (const statement of manyVoyages) await service.opened.database.sql(statement)
}, 120_000)
afterAll(() => service[Symbol.asyncDispose]())

const expectIndexed = async (work: () => Promise<unknown>): Promise<void> => {
  const statements = await readsOf(work)
  expect(statements.length).toBeGreaterThan(0)
  for (const statement of statements) {
    const asked = { most: 1_000 }
    expect(await planFaults(service.opened.database.sql, statement, asked), statement.text).toEqual(
      [],
    )
  }
}

it.each([
  '/v1/voyages',
  '/v1/voyages?state=UNDERWAY',
  '/v1/voyages?MMSINumber=224000007',
  '/v1/voyages?vesselIMONumber=9000007',
  '/v1/voyages?deviating=LATE',
  '/v1/voyages?from=2025-06-01T00:00:00Z&to=2025-06-20T00:00:00Z',
  '/v1/transport-calls?UNLocationCode=PTSIE',
  '/v1/transport-calls?UNLocationCode=PTSIE&from=2025-06-01T00:00:00Z',
])('%s reads pages by an index, the first and the next', async (path) => {
  let next = ''
  await expectIndexed(async () => {
    const answer = await service.request('GET', path)
    expect(answer.status).toBe(200)
    expect(answer.body.items.length).toBeGreaterThan(0)
    next = answer.body.next ?? ''
  })
  if (next === '') return
  const joined = `${path}${path.includes('?') ? '&' : '?'}cursor=${next}`
  await expectIndexed(() => service.request('GET', joined))
})

it('finds the voyages of a ship that is seen by an index', async () => {
  const ships = [{ mmsi: '224000100', imo: '9000100' }]
  const { sql } = service.opened.database
  const ports = ['ESALG', 'PTSIE', 'NLRTM', 'DEHAM']
  expect(await voyagesOfShips(sql, { ships, ports })).toHaveLength(20)
  await expectIndexed(() => voyagesOfShips(sql, { ships, ports }))
})
