import { startPlatform } from '@porttrack/scripts/platform/platform'
import type { Platform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import type pg from 'pg'
import { ingestCpuSeconds } from './cpu-time.ts'
import { forLargeFeed } from './large-feed.ts'
import { type Measurement, rowOf } from './measurement.ts'
import { positionReports } from './port-traffic.ts'
import { upload } from './upload.ts'
import { drawZones } from './zones.ts'

const messages = 100_000
const rounds = 3
/** Reports of a transaction in which no ship reports twice, with few ships as with many. */
const apart = 10_000

/** What an ingested report costs `rutas` and PostgreSQL, with more of everything than at first. */
export const growth: Measurement = {
  name: 'growth',
  title:
    'microseconds of CPU an ingested position report, with more history, zones and ships, against less',
  run: async (log) => {
    await using platform = await startPlatform({
      ports: 'ephemeral',
      durable: true,
      applications: ['rutas', 'gateway'],
      postgresParameters: forLargeFeed,
    })
    return await withClient(platform.databaseUrl('rutas'), async (client) => {
      await drawZones(client, 50)
      const few = positionReports(messages * (4 * rounds + 1), 10_000)
      await cost(platform, few, messages)
      const measure = async (
        what: string,
        reports: Generator<string>,
        atOnce = messages,
      ): Promise<number[]> => {
        const costs: number[] = []
        for (let round = 0; round < rounds; round++) {
          costs.push(await cost(platform, reports, atOnce))
        }
        log(`${what}: ${costs.map((each) => each.toFixed(1)).join(', ')}`)
        return costs
      }
      const small = await measure('50 zones, 10,000 ships', few)
      const smallApart = await measure('the same, one report of each at once', few, apart)
      await addHistory(client)
      const old = await measure('ten times the history', few)
      await drawZones(client, 5_000)
      const zoned = await measure('5,000 zones', few)
      const many = positionReports(messages * (2 * rounds + 3), 100_000, 225_000_000)
      // Every ship is new once.
      for (let n = 0; n < 3; n++) await cost(platform, many, messages)
      const crowded = await measure('100,000 ships', many)
      const crowdedApart = await measure('the same, 10,000 reports at once', many, apart)
      return [
        rowOf('ten times the history', old, small),
        rowOf('a hundred times the zones as well', zoned, small),
        rowOf('ten times the ships as well', crowded, small),
        rowOf('all of it, where no ship reports twice at once', crowdedApart, smallApart),
      ]
    })
  },
}

/** What a report costs of as many as a round has, of which so many are handed over at a time. */
const cost = async (
  platform: Platform,
  reports: Generator<string>,
  atOnce: number,
): Promise<number> => {
  const bodies = Array.from({ length: messages / atOnce }, () =>
    // `take` would close the generator.
    Array.from({ length: atOnce }, () => reports.next().value).join('\n'),
  )
  const before = await ingestCpuSeconds(platform)
  for (const body of bodies) {
    const { stored } = await upload(platform, body)
    if (stored !== atOnce) throw new Error(`${stored} stored of ${atOnce}`)
  }
  return (((await ingestCpuSeconds(platform)) - before) * 1e6) / messages
}

/** The same reports on each of the ten days before. */
const addHistory = async (client: pg.Client): Promise<void> => {
  await client.query(
    `SELECT open_track_day((now() AT TIME ZONE 'UTC')::date - n)::text
     FROM generate_series(-1, 11) AS n`,
  )
  for (let day = 1; day <= 10; day++) {
    await client.query(
      `INSERT INTO position (mmsi, time, message_id, lat, lon, speed, course, heading, status, source,
                             type, payload, fill_bits, own_time, received_at)
       SELECT mmsi, time - $1 * interval '24 hours', message_id, lat, lon, speed, course, heading,
              status, source, type, payload, fill_bits, own_time, received_at
       FROM position WHERE time > now() - interval '20 hours'`,
      [day],
    )
  }
  await client.query('VACUUM (FREEZE, ANALYZE) position')
}
