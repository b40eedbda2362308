import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { startPlatform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { forLargeFeed } from './large-feed.ts'
import { type Measurement, rowOf } from './measurement.ts'
import { positionReports } from './port-traffic.ts'
import { ingestCpuSeconds } from './cpu-time.ts'
import { upload } from './upload.ts'
import { drawZones } from './zones.ts'

/** Some seconds of work: what waits for the first and the last group weighs little. */
const messages = 400_000
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
    await using platform = await startPlatform({
      ports: 'ephemeral',
      durable: true,
      applications: ['rutas', 'gateway'],
      postgresParameters: forLargeFeed,
    })
    const [ours, reference] = [[] as number[], [] as number[]]
    const [cost, copyCost] = [[] as number[], [] as number[]]
    await withClient(platform.databaseUrl('rutas'), async (client) => {
      await drawZones(client, zones)
      const reports = positionReports(messages * (rounds + 1), ships)
      for (let round = 0; round <= rounds; round++) {
        // `take` would close the generator.
        const lines = Array.from({ length: messages }, () => reports.next().value)
        const body = Buffer.from(lines.join('\n'))
        const newest = await newestMessage(client)
        const [before, began] = [await ingestCpuSeconds(platform), performance.now()]
        const answer = await upload(platform, body)
        const rate = messages / ((performance.now() - began) / 1_000)
        const between = await ingestCpuSeconds(platform)
        if (answer.stored !== messages) throw new Error(`not stored: ${JSON.stringify(answer)}`)
        const copy = await copyRows(client, newest)
        const copied = await ingestCpuSeconds(platform)
        const copyRate = messages / (await copy())
        const after = await ingestCpuSeconds(platform)
        log(`round ${round}: ${Math.round(rate)} against ${Math.round(copyRate)}`)
        if (round === 0) continue
        ours.push(rate)
        reference.push(copyRate)
        cost.push(((between - before) * 1e6) / messages)
        copyCost.push(((after - copied) * 1e6) / messages)
      }
    })
    return [
      rowOf('position reports a second', ours, reference),
      rowOf('microseconds of CPU a report, rutas and PostgreSQL', cost, copyCost),
    ]
  },
}

const newestMessage = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ id: string }>(
    'SELECT coalesce(max(message_id), 0)::text AS id FROM position',
  )
  return rows[0]?.id ?? '0'
}

/** Makes ready to copy the positions behind a message into a like table. @returns does it, in seconds */
const copyRows = async (client: pg.Client, after: string): Promise<() => Promise<number>> => {
  const chunks: Buffer[] = []
  const rows = `SELECT * FROM position WHERE message_id > ${after}`
  const source = client.query(copyTo(`COPY (${rows}) TO STDOUT (FORMAT binary)`))
  for await (const chunk of source) chunks.push(chunk as Buffer)
  await client.query('DROP TABLE IF EXISTS bench_position')
  await client.query('CREATE TABLE bench_position (LIKE position INCLUDING ALL)')
  return async () => {
    const began = performance.now()
    await pipeline(
      Readable.from(chunks),
      client.query(copyFrom('COPY bench_position FROM STDIN (FORMAT binary)')),
    )
    return (performance.now() - began) / 1_000
  }
}
