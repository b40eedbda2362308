import { planFaults, readsOf, type Statement } from '@porttrack/shared/testing/query-plans'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { figuresStore } from '../src/figures/figures.store.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

/** Rows of the tables of containers and of what happened to them, and of the others. */
const rows = 100_000
const otherRows = 30_000
/** Rows that one statement may look at in order to answer for a page, or for a day of figures. */
const mostRows = 5_000

let carga: TestCarga
const calls: string[] = []
beforeAll(async () => {
  carga = await startCarga()
  for (let n = 0; n < 20; n += 1) calls.push(await carga.knownCall())
  // Names and ids are by number, so that a test can ask for some that exist.
  const client = new pg.Client({ connectionString: carga.databaseUrl })
  await client.connect()
  try {
    // What is made by number refers to what is there: nothing is gained by looking each up.
    await client.query('SET session_replication_role = replica')
    await client.query('SET synchronous_commit = off')
    await client.query(
      `INSERT INTO container_visit (id, equipment_reference, iso_equipment_code, tare_weight,
         maximum_gross_weight, is_empty, flow, seals, un_location_code, state, announced_at,
         carrier_organization, carrier_booking_reference, transport_document_reference,
         load_port_call_id)
       SELECT md5('visit ' || n)::uuid, 'PTRU' || lpad(n::text, 7, '0'), '22G1', 2200, 30480, false,
         'EXPORT', '[]', CASE n % 50 WHEN 0 THEN 'ESLPA' ELSE 'ESALG' END,
         CASE n % 100 WHEN 0 THEN 'GATED_IN' ELSE 'DEPARTED' END,
         timestamptz '2026-01-01' + n * interval '1 minute', 'carrier-' || n % 100,
         'BKG-' || n / 4, 'TRD-' || n / 4, ($2::uuid[])[n % 20 + 1]
       FROM generate_series(1, $1::int) AS n`,
      [rows, calls],
    )
    await client.query(
      `INSERT INTO container_visit_event (id, container_visit_id, sequence, series_id, event_code,
         event_classifier_code, event_date_time, recorded_at, recorded_by)
       SELECT md5('event ' || n)::uuid, md5('visit ' || n)::uuid, 1, md5('event ' || n)::uuid,
         (ARRAY['GTIN', 'LOAD', 'INSP'])[n % 3 + 1], 'ACT',
         timestamptz '2026-01-01' + n * interval '1 minute', now(), 'tester'
       FROM generate_series(1, $1::int) AS n`,
      [rows],
    )
    await client.query(
      `INSERT INTO tracked_event (id, sender, event_id, container_visit_id, organization,
         event_type_code, equipment_reference, event_updated_at, recorded_at, payload)
       SELECT md5('tracked ' || n)::uuid, 'carrier-' || n % 100, n::text,
         md5('visit ' || n)::uuid, 'carrier-' || n % 100, 'EQUIPMENT',
         'PTRU' || lpad(n::text, 7, '0'), timestamptz '2026-01-01' + n * interval '1 minute', now(),
         '{}'
       FROM generate_series(1, $1::int) AS n`,
      [rows],
    )
    await client.query(
      `INSERT INTO vgm_declaration (id, sender, declaration_reference, container_visit_id,
         organization, equipment_reference, declared_at, payload, recorded_at, recorded_by)
       SELECT md5('vgm ' || n)::uuid, 'carrier-' || n % 100, n::text, md5('visit ' || n)::uuid,
         'carrier-' || n % 100, 'PTRU' || lpad(n::text, 7, '0'),
         timestamptz '2026-01-01' + n * interval '1 minute', '{}', now(), 'tester'
       FROM generate_series(1, $1::int) AS n`,
      [otherRows],
    )
    await client.query(
      `INSERT INTO transport_document (id, transport_document_reference, carrier_organization,
         shipper, port_of_loading, port_of_discharge, consignment_items, state, created_at,
         updated_at)
       SELECT md5('document ' || n)::uuid, 'TRD-' || n, 'carrier-' || n % 100, 'Acme', 'ESALG',
         'NLRTM', '[]', CASE n % 50 WHEN 0 THEN 'VOIDED' ELSE 'DRAFT' END,
         timestamptz '2026-01-01' + n * interval '1 minute', now()
       FROM generate_series(1, $1::int) AS n`,
      [otherRows],
    )
    await client.query(
      `INSERT INTO port_call (id, un_location_code, state, vessel_name, agent_organization,
         carrier_organization, told_at)
       SELECT md5('call ' || n)::uuid, CASE n % 50 WHEN 0 THEN 'ESLPA' ELSE 'ESALG' END,
         CASE n % 50 WHEN 0 THEN 'ALONGSIDE' ELSE 'CLOSED' END, 'Ship', 'agent-' || n % 1000,
         'carrier-' || n % 1000, timestamptz '2026-01-01' + n * interval '1 minute'
       FROM generate_series(1, $1::int) AS n`,
      [otherRows],
    )
    await client.query(
      `INSERT INTO cargo_list_item (port_call_id, list, equipment_reference, iso_equipment_code,
         is_empty, bay, "row", tier)
       SELECT ($2::uuid[])[n % 20 + 1], list, 'PTRU' || lpad(n::text, 7, '0'), '22G1', false,
         n % 100, n % 10, '82'
       FROM generate_series(1, $1::int) AS n, unnest(ARRAY['LOAD', 'DISCHARGE']) AS list`,
      [otherRows / 2, calls],
    )
    await client.query(
      `INSERT INTO hold (id, container_visit_id, authority, state, reason, placed_at, placed_by)
       SELECT md5('hold ' || n)::uuid, md5('visit ' || n)::uuid, 'CUSTOMS', 'PLACED', 'papers', now(),
         'tester'
       FROM generate_series(1, $1::int) AS n`,
      [otherRows],
    )
    await client.query(
      `INSERT INTO cut_off_override (container_visit_id, code, reason, recorded_at, recorded_by)
       SELECT md5('visit ' || n)::uuid, 'FCO', 'late truck', now(), 'tester'
       FROM generate_series(1, $1::int) AS n`,
      [otherRows],
    )
    await client.query(
      `INSERT INTO dangerous_goods (id, container_visit_id, un_number, hazard_class,
         subsidiary_risks, proper_shipping_name, state, declared_at, declared_by)
       SELECT md5('goods ' || n)::uuid, md5('visit ' || n)::uuid, '1263', '3', '{}', 'PAINT',
         'ACCEPTED', now(), 'tester'
       FROM generate_series(1, $1::int) AS n WHERE n % 20 > 0 OR n % 400 = 0`,
      [otherRows],
    )
    await client.query(
      `INSERT INTO gate_slot (id, un_location_code, starts_at, ends_at, capacity, booked)
       SELECT md5('slot ' || n)::uuid, CASE n % 50 WHEN 0 THEN 'ESLPA' ELSE 'ESALG' END,
         timestamptz '2026-01-01' + n * interval '1 hour',
         timestamptz '2026-01-01' + (n + 1) * interval '1 hour', 10, 1
       FROM generate_series(1, $1::int) AS n`,
      [otherRows],
    )
    await client.query(
      `INSERT INTO gate_appointment (id, gate_slot_id, container_visit_id, purpose,
         truck_licence_plate, state, booked_at, booked_by)
       SELECT md5('appointment ' || n)::uuid, md5('slot ' || n)::uuid, md5('visit ' || n)::uuid,
         'DELIVERY', '1234 BCD', 'BOOKED', now(), 'tester'
       FROM generate_series(1, $1::int) AS n`,
      [otherRows],
    )
    await client.query('ANALYZE')
  } finally {
    await client.end()
  }
}, 300_000)
afterAll(() => carga[Symbol.asyncDispose]())

/** What is wrong with how statements are run: small tables may be read from end to end. */
const faultsOf = async (statements: readonly Statement[]): Promise<string[]> => {
  const faults: string[] = []
  for (const statement of statements) {
    const asked = { most: mostRows, isLarge: () => false }
    const found = await planFaults(carga.opened.database.sql, statement, asked)
    faults.push(...found.map((fault) => `${fault}: ${statement.text.slice(0, 300)}`))
  }
  return faults
}

const visits = '/v1/container-visits'
const tracked = '/dcsa/tnt/v3/events'
const declarations = '/dcsa/vgm/v1/vgm-declarations'
const late = '2026-03-01T00:00:00Z'
const carrier = { kind: 'machine', scopes: ['carga/read'], org: 'carrier-7' } as const

it.each([
  visits,
  `${visits}?sort=equipmentReference`,
  `${visits}?equipmentReference=PTRU0050000`,
  `${visits}?state=GATED_IN`,
  `${visits}?flow=EXPORT`,
  `${visits}?UNLocationCode=ESLPA`,
  `${visits}?carrierBookingReference=BKG-500`,
  `${visits}?transportDocumentReference=TRD-500`,
  '/v1/transport-documents',
  '/v1/transport-documents?state=VOIDED',
  '/v1/transport-documents?transportDocumentReference=TRD-500',
  '/v1/port-calls',
  '/v1/port-calls?state=ALONGSIDE',
  '/v1/port-calls?UNLocationCode=ESLPA',
  '/v1/gate-slots?UNLocationCode=ESALG',
  '/v1/gate-slots?UNLocationCode=ESALG&from=2027-01-01T00:00:00Z',
  tracked,
  `${tracked}?equipmentReference=PTRU0050000`,
  `${tracked}?carrierBookingReference=BKG-500`,
  `${tracked}?transportDocumentReference=TRD-500&eventTypes=EQUIPMENT`,
  `${tracked}?eventUpdatedDateTimeMin=${late}`,
  `${tracked}?eventUpdatedDateTimeMax=${late}`,
  declarations,
  `${declarations}?carrierBookingReference=BKG-500`,
  `${declarations}?declarationDateTimeMin=${late}`,
])('%s answers by index, for the port and for one carrier', async (path) => {
  for (const as of [{ roles: ['terminal-planner'] } as const, carrier]) {
    const statements = await readsOf(async () => {
      const first = await carga.request('GET', path, { as })
      expect(first).toMatchObject({ status: 200 })
      const cursor = first.headers['next-page-cursor'] ?? first.body.next
      if (typeof cursor !== 'string') return
      const next = `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`
      expect(await carga.request('GET', next, { as })).toMatchObject({ status: 200 })
    })
    expect(statements.length).toBeGreaterThan(0)
    expect(await faultsOf(statements)).toEqual([])
  }
})

it.each([
  ['loading-checks', 50],
  ['leaving-checks', 0],
  ['load-list', 50],
  ['discharge-list', 50],
  ['segregation', null],
  ['cargo-progress', null],
])('%s of a call are read by index', async (path, items) => {
  const statements = await readsOf(async () => {
    const { status, body } = await carga.request('GET', `/v1/port-calls/${calls[3]}/${path}`)
    expect(status).toBe(200)
    if (items !== null) expect(body.items).toHaveLength(items)
  })
  expect(await faultsOf(statements)).toEqual([])
})

it('what belongs to a container is read by index', async () => {
  const { body } = await carga.request('GET', `${visits}?equipmentReference=PTRU0010003`)
  const id = body.items[0].id as string
  for (const path of [
    'events',
    'vgm-declarations',
    'holds',
    'cut-off-overrides',
    'dangerous-goods',
    'gate-appointments',
    'loading-check',
    'leaving-check',
  ]) {
    const statements = await readsOf(async () => {
      const { status } = await carga.request('GET', `${visits}/${id}/${path}`)
      expect({ path, status }).toEqual({ path, status: 200 })
    })
    expect(await faultsOf(statements)).toEqual([])
  }
})

it('the trucks of a slot, the few calls of an agent and the containers of a call are found by index', async () => {
  const slots = await carga.request('GET', '/v1/gate-slots?UNLocationCode=ESALG')
  const trucks = await readsOf(async () => {
    const path = `/v1/gate-slots/${slots.body.items[0].id}/appointments`
    expect((await carga.request('GET', path)).body.items).toHaveLength(1)
  })
  expect(await faultsOf(trucks)).toEqual([])
  for (const [path, found] of [
    ['/v1/port-calls', 30],
    ['/v1/port-calls?state=CLOSED', 30],
  ] as const) {
    const statements = await readsOf(async () => {
      const { body } = await carga.request('GET', path, {
        as: { roles: ['agent'], org: 'agent-77' },
      })
      expect(body.items).toHaveLength(found)
    })
    expect(await faultsOf(statements)).toEqual([])
  }
  const statements = await readsOf(async () => {
    const { body } = await carga.request('GET', `${visits}?loadPortCallId=${calls[3]}`)
    expect(body.items).toHaveLength(50)
  })
  expect(await faultsOf(statements)).toEqual([])
})

it('figures of a day are counted from that day alone', async () => {
  const figures = figuresStore(carga.opened)
  const asked = {
    UNLocationCode: 'ESALG',
    from: new Date('2026-02-01T00:00:00Z'),
    to: new Date('2026-02-02T00:00:00Z'),
  }
  const statements = await readsOf(async () => {
    expect((await figures.moves(asked)).moves).toBeGreaterThan(400)
    await figures.dwell(asked)
    await figures.turns(asked)
  })
  expect(statements).toHaveLength(3)
  expect(await faultsOf(statements)).toEqual([])
})
