import { expect, it } from 'vitest'
import { insertBerth, insertReservation, insertTimestamp } from './rows.ts'
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
  const call = (await office.announce(vesselId, { eta: hoursAgo(5.5) })).id as string
  await office.announce(vesselId, { eta: hoursAgo(-6) })
  await office.announce(vesselId, { eta: hoursAgo(-30) })
  const { client, sql } = office.opened.database
  await sql(`UPDATE port_call SET state = 'WORKING' WHERE id = $1::uuid`, [call])
  const berth = await insertBerth(client, { code: 'A1', quayLength: 400 })
  await insertReservation(client, {
    berthId: berth.id,
    portCallId: call,
    toMetre: 100,
    startsAt: hoursAgo(5),
    endsAt: hoursAgo(-5),
    alongsideFrom: hoursAgo(5),
  })
  for (const [portCallId, what, time] of [
    [call, 'ANCHORAGE STRT', hoursAgo(7)],
    [call, 'BERTH ARRI', hoursAgo(5)],
    [null, 'BERTH ARRI', hoursAgo(5)],
  ] as const) {
    await insertTimestamp(client, { portCallId, what, time, source: 'AIS' })
  }

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
