import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { startPlatform } from '@porttrack/scripts/platform/platform'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { type Measurement, rowOf } from './measurement.ts'
import { positionReports } from './port-traffic.ts'
import { upload } from './upload.ts'

const messages = 100_000
const ships = 10_000
const zones = 500
const rounds = 3

/**
 * AIS through HTTP, from NMEA bytes to durable rows with all that follows, beside COPY of those rows
 * into a like table. The first round is left out: code is not compiled and ships are not known yet.
 */
export const ingest: Measurement = {
  name: 'ingest',
  title: `AIS position reports a second, ${messages} of ${ships} ships among ${zones} zones through the gateway, against binary COPY of the same rows`,
  run: async (log) => {
    await using platform = await startPlatform({ ports: 'ephemeral', durable: true })
    const client = new pg.Client({ connectionString: platform.databaseUrl('rutas') })
    await client.connect()
    const ours: number[] = []
    const reference: number[] = []
    try {
      await drawZones(client, zones)
      const reports = positionReports(messages * (rounds + 1), ships)
      for (let round = 0; round <= rounds; round++) {
        // `take` would close the generator.
        const lines = Array.from({ length: messages }, () => reports.next().value)
        const body = Buffer.from(lines.join('\n'))
        const before = await newestMessage(client)
        const began = performance.now()
        const answer = await upload(platform, body)
        const rate = messages / ((performance.now() - began) / 1_000)
        if (answer.stored !== messages) throw new Error(`not stored: ${JSON.stringify(answer)}`)
        const copied = messages / (await copySeconds(client, before))
        log(`round ${round}: ${Math.round(rate)} against ${Math.round(copied)}`)
        if (round === 0) continue
        ours.push(rate)
        reference.push(copied)
      }
    } finally {
      await client.end()
    }
    return [rowOf('position reports a second', ours, reference)]
  },
}

/** Circles of 2 km, spread over the waters of `positionReports`. */
const drawZones = async (client: pg.Client, count: number): Promise<void> => {
  await client.query(
    `INSERT INTO zone (id, name, kind, geometry, radius_metres)
     SELECT gen_random_uuid(), 'Bench ' || n, 'custom',
            jsonb_build_object('type', 'Point', 'coordinates',
                               jsonb_build_array(-170 + 340.0 * n / $1, -60 + n * 7 % 1000 * 0.12)),
            2000
     FROM generate_series(0, $1::int - 1) AS n`,
    [count],
  )
  await client.query('UPDATE zone_revision SET revision = revision + 1')
}

const newestMessage = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ id: string }>(
    'SELECT coalesce(max(id), 0)::text AS id FROM ais_message',
  )
  return rows[0]?.id ?? '0'
}

const copySeconds = async (client: pg.Client, after: string): Promise<number> => {
  const chunks: Buffer[] = []
  const rows = `SELECT * FROM position WHERE message_id > ${after}`
  const source = client.query(copyTo(`COPY (${rows}) TO STDOUT (FORMAT binary)`))
  for await (const chunk of source) chunks.push(chunk as Buffer)
  await client.query('DROP TABLE IF EXISTS bench_position')
  await client.query('CREATE TABLE bench_position (LIKE position INCLUDING ALL)')
  const began = performance.now()
  await pipeline(
    Readable.from(chunks),
    client.query(copyFrom('COPY bench_position FROM STDIN (FORMAT binary)')),
  )
  const seconds = (performance.now() - began) / 1_000
  await client.query('DROP TABLE bench_position')
  return seconds
}
