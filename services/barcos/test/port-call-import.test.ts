import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, nextIdentity, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const office: Identity = { roles: ['berth-planner'], subject: 'office' }
const send = (
  text: string | undefined,
  by: { as?: Identity; headers?: Record<string, string> } = {},
) =>
  barcos.request('POST', '/v1/port-calls/import', {
    as: by.as ?? agent,
    ...(text === undefined ? {} : { body: text }),
    headers: { 'content-type': 'text/csv', ...by.headers },
  })
const countOf = async (vesselId: string) =>
  (await barcos.request('GET', `/v1/port-calls?vesselId=${vesselId}`)).body.items.length
const placesOf = ({ body }: Awaited<ReturnType<typeof send>>) =>
  body.errors.map(({ row, column, pointer }: Record<string, unknown>) => [row, column, pointer])

describe('importing a season’s calls', () => {
  it('announces each of them for the agent’s own organisation', async () => {
    const [one, two] = [await barcos.registerVessel({ name: 'One' }), await barcos.registerVessel()]
    const imported = await send(
      [
        'vesselIMONumber;MMSINumber;UNLocationCode;purposes;eta;etd;declaredArrivalDraft;portVisitReference',
        `IMO ${one.vesselIMONumber};;ESALG;LOADING DISCHARGING;2026-12-01T10:00:00+01:00;;12.5;ALG-1`,
        `;${two.MMSINumber};ESALG;BUNKERING;2026-12-03T10:00:00Z;2026-12-04T10:00:00Z;;`,
        `${one.vesselIMONumber};${one.MMSINumber};ESVLC;LOADING;2026-12-05T10:00:00Z;;;`,
      ].join('\r\n'),
    )
    expect(imported).toMatchObject({ status: 201, body: { imported: 3 } })
    const [first] = imported.body.portCallIds
    const { body } = await barcos.request('GET', `/v1/port-calls/${first}`, { as: agent })
    expect(body).toMatchObject({
      vessel: { name: 'One' },
      agentOrganization: 'acme',
      purposes: ['LOADING', 'DISCHARGING'],
      eta: '2026-12-01T09:00:00.000Z',
      declaredArrivalDraft: 12.5,
      portVisitReference: 'ALG-1',
      etd: null,
      state: 'ANNOUNCED',
    })
    const timeline = await barcos.request('GET', `/v1/port-calls/${first}/timeline`)
    expect(timeline.body.items).toMatchObject([
      { decision: { action: 'announce', decidedBy: 'acme-agent' } },
    ])
    const told = (await barcos.events()).filter(({ type }) => type === 'barcos.port-call.announced')
    expect(told.map(({ subject }) => subject)).toEqual(imported.body.portCallIds)
  })

  it('imports nothing where anything is wrong, and says what by row and column', async () => {
    const ship = await barcos.registerVessel()
    const scrapped = await barcos.registerVessel()
    await barcos.opened.database.sql(`UPDATE vessel SET state = 'SCRAPPED' WHERE id = $1::uuid`, [
      scrapped.id,
    ])
    const known = await barcos.announce(ship.id, { eta: '2026-12-09T00:00:00Z' })
    const imo = ship.vesselIMONumber
    const stranger = nextIdentity()
    const refused = await send(
      [
        'vesselIMONumber,MMSINumber,agentOrganization,UNLocationCode,purposes,eta,etd',
        `${imo},,,ESALG,LOADING,2026-12-01T10:00:00Z,`,
        `${imo},,,ESALG,LOADING,2026-12-01T11:00:00+01:00,`,
        `${imo},,,ESALG,LOADING,2026-12-09T00:00:00Z,`,
        `${stranger.vesselIMONumber},,,ESALG,LOADING,2026-12-01T10:00:00Z,`,
        `,,,ESALG,LOADING,2026-12-01T10:00:00Z,`,
        `${imo},${stranger.MMSINumber},,ESALG,LOADING,2026-12-02T10:00:00Z,`,
        `${imo},,globex,ESALG,LOADING,2026-12-02T10:00:00Z,`,
        `${imo},,,ESALG,PIRACY,2026-12-02T10:00:00Z,2026-13-02T10:00:00Z`,
        `${imo},,,ZZALG,LOADING,2026-12-03T10:00:00Z,2026-12-02T10:00:00Z`,
        `${imo},,,ESALG,LOADING,,`,
        `${scrapped.vesselIMONumber},,,ESALG,LOADING,2026-12-02T10:00:00Z,`,
        `${imo},ESALG`,
      ].join('\n'),
      { headers: { 'accept-language': 'es' } },
    )
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'PORT_CALLS_NOT_IMPORTED',
        title: 'La tabla de escalas tiene errores',
        detail: 'No se importó nada: 13 errores',
      },
    })
    expect(placesOf(refused)).toEqual([
      [3, 'eta', '#cell=3,6'],
      [4, 'eta', '#cell=4,6'],
      [5, 'vesselIMONumber', '#cell=5,1'],
      [6, 'MMSINumber', '#cell=6,2'],
      [7, 'MMSINumber', '#cell=7,2'],
      [8, 'agentOrganization', '#cell=8,3'],
      [9, 'purposes', '#cell=9,5'],
      [9, 'etd', '#cell=9,7'],
      [10, 'UNLocationCode', '#cell=10,4'],
      [10, 'etd', '#cell=10,7'],
      [11, 'eta', '#cell=11,6'],
      [12, 'vesselIMONumber', '#cell=12,1'],
      [13, undefined, '#row=13'],
    ])
    expect(refused.body.errors[0].detail).toBe('es la de la escala de la línea 2')
    expect(await countOf(ship.id)).toBe(1)
    // One that was called off, and one that another organisation keeps to itself, are no duplicates.
    const line = `vesselIMONumber,UNLocationCode,purposes,eta\n${imo},ESALG,LOADING,2026-12-09T00:00:00Z`
    expect(await send(line, { as: otherAgent })).toMatchObject({ status: 201 })
    await barcos.post(`/v1/port-calls/${known.id}/cancel`, undefined, { as: agent })
    expect(await send(line)).toMatchObject({ status: 201 })
    expect(await send(line)).toMatchObject({ status: 422 })
  })

  it('refuses what is no table of calls', async () => {
    const head = 'vesselIMONumber,UNLocationCode,purposes,eta'
    for (const [text, status] of [
      ['', 422],
      [head, 422],
      [`${head},eta\n1,2,3,4,5`, 422],
      [`${head},nonsense\n1,2,3,4,5`, 422],
      [`${head}\n"9074729,ESALG`, 400],
      ['a\0b', 400],
    ] as const) {
      expect({ text, status: (await send(text)).status }).toEqual({ text, status })
    }
    const json = { as: agent, headers: { 'content-type': 'application/json' } }
    expect(
      await barcos.request('POST', '/v1/port-calls/import', { ...json, body: '""' }),
    ).toMatchObject({ status: 415 })
    expect((await barcos.request('POST', '/v1/port-calls/import', { as: agent })).status).toBe(422)
    expect(await send('x'.repeat(4_194_305))).toMatchObject({ status: 413 })
    expect(
      await send(`${head}\n${'1,ESALG,LOADING,2026-12-01T00:00:00Z\n'.repeat(10_001)}`),
    ).toMatchObject({
      status: 422,
      body: { code: 'PORT_CALLS_NOT_IMPORTED', errors: [{ pointer: '#' }] },
    })
    expect(await send(head, { as: { roles: ['viewer'] } })).toMatchObject({ status: 403 })
    const table = { headers: { 'content-type': 'text/csv' }, as: agent }
    expect(await barcos.request('POST', '/v1/port-calls', { ...table, body: 'a,b' })).toMatchObject(
      { status: 415 },
    )
  })

  it('needs the agent named by those who are none', async () => {
    const ship = await barcos.registerVessel()
    const table = (organization: string) =>
      `vesselIMONumber,agentOrganization,UNLocationCode,purposes,eta\n${ship.vesselIMONumber},${organization},ESALG,LOADING,2026-12-01T00:00:00Z`
    expect(placesOf(await send(table(''), { as: office }))).toEqual([
      [2, 'agentOrganization', '#cell=2,2'],
    ])
    expect(await send(table('globex'), { as: office })).toMatchObject({ status: 201 })
    expect(await send(table('acme'), { as: { roles: ['agent'] } })).toMatchObject({ status: 422 })
  })

  it('takes thousands of lines in seconds, once by key, and one of two at once', async () => {
    const ships = await Promise.all(Array.from({ length: 20 }, () => barcos.registerVessel()))
    const lines = Array.from({ length: 5_000 }, (_, n) => {
      const ship = ships[n % ships.length]
      const eta = new Date(Date.UTC(2027, 0, 1) + Math.floor(n / ships.length) * 3_600_000)
      return `${ship?.vesselIMONumber},ESALG,LOADING,${eta.toISOString()}`
    })
    const table = ['vesselIMONumber,UNLocationCode,purposes,eta', ...lines].join('\n')
    const began = performance.now()
    const headers = { 'idempotency-key': 'season-2027' }
    const first = await send(table, { headers })
    expect(first).toMatchObject({ status: 201, body: { imported: 5_000 } })
    expect(performance.now() - began).toBeLessThan(25_000)
    const again = await send(table, { headers })
    expect(again).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(again.body).toEqual(first.body)
    const small = table.split('\n').slice(0, 50).join('\n').replaceAll('ESALG', 'ESVLC')
    const both = await Promise.all([send(small), send(small)])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 422])
  })
})
