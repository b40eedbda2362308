import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import type pg from 'pg'
import { type Measurement, rowOf } from './measurement.ts'

const rounds = 5
const boxes = 5_000
/** Containers of one block: 25 bays, 5 rows, 2 high. */
const boxesOfBlock = 250

/** What the check of a yard may take; milliseconds. */
const goal = 1_000

/** The segregation of a yard in which every container has dangerous goods, through gateway and `carga`. */
export const segregation: Measurement = {
  name: 'segregation',
  title: `milliseconds of the segregation of ${boxes} containers with dangerous goods in one yard; growth ×10`,
  run: async (log) => {
    await using platform = await startPlatform({
      ports: 'ephemeral',
      applications: ['carga', 'gateway'],
      // Whatever else the machine does meanwhile, a request is measured and not shed.
      environmentOf: { carga: { SHED_DELAY_SECONDS: '3600' } },
    })
    return await withClient(platform.databaseUrl('carga'), async (client) => {
      await fillYard(client, 'ESVLC', boxes / 10)
      await fillYard(client, 'ESALG', boxes)
      await client.query('ANALYZE')
      const [small, large] = [[], []] as [number[], number[]]
      for (let round = 0; round <= rounds; round++) {
        const few = await check(platform, 'ESVLC', boxes / 10)
        const many = await check(platform, 'ESALG', boxes)
        // The first round warms up.
        if (round === 0) {
          log(`${few.conflicts} and ${many.conflicts} pairs too near`)
          continue
        }
        small.push(few.time)
        large.push(many.time)
      }
      return [
        rowOf(`${boxes} containers, against the goal`, large, [goal]),
        rowOf(`${boxes} containers, against ${boxes / 10}`, large, small),
      ]
    })
  },
}

const check = async (
  platform: Platform,
  UNLocationCode: string,
  expected: number,
): Promise<{ time: number; conflicts: number }> => {
  const headers = { authorization: `Bearer ${await platform.token('terminal-planner')}` }
  const url = `${platform.gatewayUrl}/carga/v1/yards/${UNLocationCode}/segregation`
  const began = performance.now()
  const answer = await fetch(url, { headers })
  const found = (await answer.json()) as { containers: number; conflictsInAll: number }
  const time = performance.now() - began
  if (!answer.ok || found.containers !== expected || found.conflictsInAll === 0) {
    throw new Error(`${answer.status}, ${found.containers} containers checked`)
  }
  return { time, conflicts: found.conflictsInAll }
}

/** Full blocks of containers, of all classes in turn, one in four with a subsidiary risk. */
const fillYard = async (client: pg.Client, port: string, count: number): Promise<void> => {
  await client.query('BEGIN')
  await client.query(
    `INSERT INTO yard_block (un_location_code, code, bays, "rows", tiers, plug_bays)
     SELECT $1, 'B' || n, 25, 5, 2, '{}' FROM generate_series(0, $2::int - 1) AS n`,
    [port, count / boxesOfBlock],
  )
  await client.query(
    `INSERT INTO yard_stack (un_location_code, block, bay, "row", tiers, has_plug)
     SELECT un_location_code, code, bay, "row", 2, false
     FROM yard_block, generate_series(1, 25) AS bay, generate_series(1, 5) AS "row"
     WHERE un_location_code = $1`,
    [port],
  )
  await client.query(
    `CREATE TEMPORARY TABLE boxes ON COMMIT DROP AS
     SELECT gen_random_uuid() AS id, n, 'B' || n / $2::int AS block,
       n % $2::int / 10 + 1 AS bay, n / 2 % 5 + 1 AS "row", n % 2 + 1 AS tier
     FROM generate_series(0, $1::int - 1) AS n`,
    [count, boxesOfBlock],
  )
  await client.query(
    `INSERT INTO container_visit (id, equipment_reference, iso_equipment_code, tare_weight,
       maximum_gross_weight, is_empty, flow, seals, un_location_code, state)
     SELECT id, 'PTRU' || lpad(n::text, 7, '0'), '22G1', 2200, 30480, false, 'EXPORT', '[]', $1,
       'IN_YARD' FROM boxes`,
    [port],
  )
  await client.query(
    `INSERT INTO yard_place (un_location_code, block, bay, "row", tier, container_visit_id, tiers,
       needs_plug)
     SELECT $1, block, bay, "row", tier, id, 2, false FROM boxes ORDER BY tier`,
    [port],
  )
  await client.query(
    `INSERT INTO dangerous_goods (id, container_visit_id, un_number, hazard_class, subsidiary_risks,
       proper_shipping_name, state, declared_at, declared_by)
     SELECT gen_random_uuid(), id, '1263',
       (ARRAY['2.1', '2.2', '3', '4.1', '5.1', '6.1', '8', '9'])[n % 8 + 1],
       CASE n % 4 WHEN 0 THEN '{6.1}'::text[] ELSE '{}' END, 'GOODS', 'ACCEPTED', now(), 'bench'
     FROM boxes`,
  )
  await client.query('COMMIT')
}
