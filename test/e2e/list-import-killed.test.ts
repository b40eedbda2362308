import { randomUUID } from 'node:crypto'
import { startPlatform, type Platform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import type { Sql } from '@porttrack/shared/database/transaction'
import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, clientOf } from './client.ts'
import { ladenContainer } from './containers.ts'

let platform: Platform
let call: Client

beforeAll(async () => {
  platform = await startPlatform({
    ports: 'ephemeral',
    applications: ['carga', 'gateway'],
    environment: { SHED_DELAY_SECONDS: '3600' },
  })
  call = clientOf(platform)
}, 120_000)
afterAll(() => platform?.stop())

const head =
  'equipmentReference,ISOEquipmentCode,isEmpty,grossWeight,portOfLoading,portOfDischarge,bay,row,tier,internalSetpointTemperature'
const table = (...references: string[]) =>
  [head, ...references.map((each) => `${each},22G1,false,20000,,,,,,`)].join('\r\n')

it('leaves a list as it was when carga is killed in the middle of its import', async () => {
  await withClient(platform.databaseUrl('carga'), async (client) => {
    const portCallId = randomUUID()
    await client.query(
      `INSERT INTO port_call (id, un_location_code, state, vessel_name, agent_organization, told_at)
     VALUES ($1, 'ESALG', 'WORKING', 'Algeciras Star', 'acme', now())`,
      [portCallId],
    )
    const visit = await call('POST /carga/v1/container-visits', {
      as: 'terminal-planner',
      body: {
        equipmentReference: 'CSQU3054383',
        ...ladenContainer,
        flow: 'EXPORT',
        seals: [],
      },
    })
    expect(visit).toMatchObject({ status: 201 })
    const path = `/carga/v1/port-calls/${portCallId}/load-list` as const
    const send = (body: string, key: string) =>
      call(`POST ${path}/import`, {
        as: 'terminal-planner',
        headers: { 'content-type': 'text/csv', 'idempotency-key': key },
        body,
      })
    const listed = async () => {
      const { body } = await call(`GET ${path}`, { as: 'terminal-planner' })
      return body.items.map((each: { equipmentReference: string }) => each.equipmentReference)
    }
    expect(await send(table('MWCU6059784'), 'first')).toMatchObject({ status: 201 })

    // The list is replaced, and then its visits are tied to the call: there it waits for this one.
    await client.query('BEGIN')
    await client.query('SELECT 1 FROM container_visit WHERE id = $1 FOR UPDATE', [visit.body.id])
    const sending = send(table('CSQU3054383', 'APZU4812090'), 'second').catch(() => null)
    const sql: Sql = async <Row>(text: string) => (await client.query(text)).rows as Row[]
    await expect.poll(() => lockWaits(sql)).toBe(1)
    await platform.process('carga').kill()
    await client.query('COMMIT')
    expect([null, 502, 503, 504]).toContain((await sending)?.status ?? null)
    await platform.process('carga').start()

    await expect.poll(listed).toEqual(['MWCU6059784'])
    const untouched = await call(`GET /carga/v1/container-visits/${visit.body.id}`, {
      as: 'terminal-planner',
    })
    expect(untouched.body).toMatchObject({ loadPortCallId: null, version: 1 })
    const forecasts = `SELECT 1 FROM kit.outbox WHERE type = 'carga.moves.forecast'`
    expect((await client.query(forecasts)).rowCount).toBe(1)

    expect(await send(table('CSQU3054383', 'APZU4812090'), 'second')).toMatchObject({
      status: 201,
      body: { imported: 2 },
    })
    expect(await listed()).toEqual(['APZU4812090', 'CSQU3054383'])
    expect((await client.query(forecasts)).rowCount).toBe(2)
  })
})
