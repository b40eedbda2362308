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
const rounds = 3

/** AIS through HTTP, from NMEA bytes to durable rows, beside COPY of those rows into a like table. */
export const ingest: Measurement = {
  name: 'ingest',
  title: `AIS position reports a second, ${messages} through the gateway, against binary COPY of the same rows`,
  run: async (log) => {
    await using platform = await startPlatform({ ports: 'ephemeral', durable: true })
    const client = new pg.Client({ connectionString: platform.databaseUrl('rutas') })
    await client.connect()
    const ours: number[] = []
    const reference: number[] = []
    try {
      for (let round = 0; round < rounds; round++) {
        await client.query('TRUNCATE ais_message, position, target')
        const body = Buffer.from([...positionReports(messages, ships)].join('\n'))
        const began = performance.now()
        const answer = await upload(platform, body)
        ours.push(messages / ((performance.now() - began) / 1_000))
        if (answer.stored !== messages) throw new Error(`not stored: ${JSON.stringify(answer)}`)
        reference.push(messages / (await copySeconds(client)))
        log(
          `round ${round + 1}: ${Math.round(ours.at(-1) ?? 0)} against ${Math.round(reference.at(-1) ?? 0)}`,
        )
      }
    } finally {
      await client.end()
    }
    return [rowOf('position reports a second', ours, reference)]
  },
}

const copySeconds = async (client: pg.Client): Promise<number> => {
  const chunks: Buffer[] = []
  const source = client.query(copyTo('COPY (SELECT * FROM position) TO STDOUT (FORMAT binary)'))
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
