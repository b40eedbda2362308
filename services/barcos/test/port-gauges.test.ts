import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { startBarcos } from './start-barcos.ts'

const metricsOf = async (url: string): Promise<string[]> =>
  (await (await fetch(`${url}/metrics`)).text()).split('\n').filter((line) => !line.startsWith('#'))

const gauges =
  /^barcos_(?:ships_in_port|berth_occupancy|waiting|idle|calls_on_time|calls_expected|orphan_timestamps_open)/

it('shows what the port is like now', async () => {
  await using office = await startBarcos()
  const vesselId = (await office.registerVessel()).id
  const now = Date.now()
  const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000).toISOString()
  const [berth, call] = [
    randomUUID(),
    (await office.announce(vesselId, { eta: hoursAgo(5.5) })).id as string,
  ]
  await office.announce(vesselId, { eta: hoursAgo(-6) })
  await office.announce(vesselId, { eta: hoursAgo(-30) })
  const { sql } = office.opened.database
  await sql(`UPDATE port_call SET state = 'WORKING' WHERE id = $1::uuid`, [call])
  await sql(
    `INSERT INTO berth (id, un_location_code, code, name, quay_length, depth, state)
     VALUES ($1::uuid, 'ESALG', 'A1', 'A1', 400, 16, 'OPEN')`,
    [berth],
  )
  await sql(
    `INSERT INTO berth_occupancy (id, kind, berth_id, port_call_id, from_metre, to_metre, starts_at,
       ends_at, alongside_from, created_by)
     VALUES ($1::uuid, 'RESERVATION', $2::uuid, $3::uuid, 0, 100, $4, $5, $4, 'planner')`,
    [randomUUID(), berth, call, hoursAgo(5), hoursAgo(-5)],
  )
  await sql(
    `INSERT INTO port_call_timestamp
       (id, port_call_id, service_type, event_type, classifier, service_time, source)
     VALUES (gen_random_uuid(), $1::uuid, 'ANCHORAGE', 'STRT', 'ACT', $2, 'AIS'),
       (gen_random_uuid(), $1::uuid, 'BERTH', 'ARRI', 'ACT', $3, 'AIS'),
       (gen_random_uuid(), NULL, 'BERTH', 'ARRI', 'ACT', $3, 'AIS')`,
    [call, hoursAgo(7), hoursAgo(5)],
  )

  await using replica = await startBarcos({
    databaseUrl: office.databaseUrl,
    env: { BACKGROUND: 'on' },
  })
  const shown = async () =>
    (await metricsOf(replica.managementUrl)).filter((line) => gauges.test(line)).toSorted()
  await expect
    .poll(shown, { timeout: 20_000 })
    .toEqual([
      'barcos_berth_occupancy_ratio{un_location_code="ESALG",berth="A1"} 0.25',
      'barcos_calls_expected{un_location_code="ESALG"} 1',
      'barcos_calls_on_time_ratio{window="24h"} 1',
      'barcos_calls_on_time_ratio{window="7d"} 1',
      'barcos_orphan_timestamps_open{source="AIS"} 1',
      'barcos_orphan_timestamps_open{source="PERSON"} 0',
      'barcos_orphan_timestamps_open{source="SYSTEM"} 0',
      'barcos_ships_in_port{state="ALONGSIDE"} 0',
      'barcos_ships_in_port{state="ARRIVED"} 0',
      'barcos_ships_in_port{state="COMPLETED"} 0',
      'barcos_ships_in_port{state="WORKING"} 1',
      'barcos_waiting_mean_seconds{window="24h"} 7200',
      'barcos_waiting_mean_seconds{window="7d"} 7200',
    ])
  // A process that does nothing in the background says nothing of the port.
  expect((await metricsOf(office.managementUrl)).filter((line) => gauges.test(line))).toEqual([])
})
