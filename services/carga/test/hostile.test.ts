import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, declareVgm, event, freshReference, newVgm, newVisit } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const visits = '/v1/container-visits'
const machine = (org: string): Identity => ({
  kind: 'machine',
  subject: `system-of-${org}`,
  scopes: ['carga/read', 'carga/write', 'carga/hold.line'],
  org,
})
const head =
  'equipmentReference,ISOEquipmentCode,isEmpty,grossWeight,portOfLoading,portOfDischarge,bay,row,tier,internalSetpointTemperature'
const line = (reference: string, slot = ',,') => `${reference},22G1,false,20000,,,${slot},`
const send = (path: string, type: string, body: string, headers: Record<string, string> = {}) =>
  carga.request('POST', path, { headers: { 'content-type': type, ...headers }, body })

describe('what is another organisation’s', () => {
  it('is not there, whatever is done with its id', async () => {
    const call = await carga.knownCall({ agentOrganization: 'acme' })
    const id = await announce(carga, { carrierOrganization: 'acme', loadPortCallId: call })
    const vgm = await declareVgm(carga, id)
    const recorded = await carga.request('POST', `${visits}/${id}/events`, {
      body: event('GTIN', '10:00'),
    })
    const hold = await carga.request('POST', `${visits}/${id}/holds`, {
      as: machine('acme'),
      body: { authority: 'LINE', reason: 'unpaid' },
    })
    const document = await carga.request('POST', '/v1/transport-documents', {
      as: machine('acme'),
      body: {
        transportDocumentReference: 'ACME-1',
        carrierOrganization: 'acme',
        shipper: 'Acme',
        portOfLoading: 'ESALG',
        portOfDischarge: 'NLRTM',
        consignmentItems: [
          {
            descriptionOfGoods: 'Pumps',
            HSCodes: ['841370'],
            cargoGrossWeight: 1_000,
            numberOfPackages: 1,
            equipmentReferences: ['CSQU3054383'],
          },
        ],
      },
    })
    expect(document).toMatchObject({ status: 201 })
    const own = `${visits}/${id}`
    const visit = (await carga.request('GET', own)).body
    const replaced = newVisit({
      equipmentReference: visit.equipmentReference,
      loadPortCallId: call,
    })
    const reads = [
      own,
      ...[
        'events',
        `events/${recorded.body.id}`,
        'vgm-declarations',
        'holds',
        'cut-off-overrides',
        'dangerous-goods',
        'gate-appointments',
        'loading-check',
        'leaving-check',
      ].map((part) => `${own}/${part}`),
      ...['', '/cut-offs', '/loading-checks', '/load-list', '/discharge-list'].map(
        (part) => `/v1/port-calls/${call}${part}`,
      ),
      `/v1/port-calls/${call}/load-list/stowage-plan`,
      `/v1/port-calls/${call}/cargo-progress`,
    ]
    const writes: [string, object][] = [
      [`${own}/events`, event('INSP', '10:00')],
      [`${own}/events/${recorded.body.id}/retract`, { reason: 'mine' }],
      [`${own}/vgm-declarations`, newVgm()],
      [`${own}/vgm-declarations/${vgm}/retract`, { reason: 'mine' }],
      [`${own}/holds`, { authority: 'LINE', reason: 'mine' }],
      [`${own}/holds/${hold.body.id}/release`, { reason: 'mine' }],
      [
        `${own}/dangerous-goods`,
        {
          unNumber: '1263',
          hazardClass: '3',
          subsidiaryRisks: [],
          properShippingName: 'PAINT',
        },
      ],
      [
        `${own}/gate-appointments`,
        { gateSlotId: randomUUID(), purpose: 'DELIVERY', truckLicencePlate: '1' },
      ],
    ]
    const thief = { as: machine('globex') }
    const answers: string[] = []
    for (const path of reads) {
      answers.push(`${(await carga.request('GET', path, thief)).status} GET ${path}`)
    }
    for (const [path, body] of writes) {
      answers.push(`${(await carga.request('POST', path, { ...thief, body })).status} POST ${path}`)
    }
    const changed = { ...thief, headers: { 'if-match': '*' }, body: replaced }
    answers.push(`${(await carga.request('PUT', own, changed)).status} PUT ${own}`)
    const ofDocument = `/v1/transport-documents/${document.body.id}`
    answers.push(`${(await carga.request('GET', ofDocument, thief)).status} GET ${ofDocument}`)
    const list = `/v1/port-calls/${call}/load-list/import`
    const stolen = await carga.request('POST', list, {
      ...thief,
      headers: { 'content-type': 'text/csv' },
      body: `${head}\r\n${line(freshReference())}`,
    })
    answers.push(`${stolen.status} POST ${list}`)
    expect(answers.filter((each) => !each.startsWith('404 '))).toEqual([])
    expect((await carga.request('GET', own)).body).toEqual(visit)
  })

  it('is in no list, search or DCSA answer', async () => {
    const equipmentReference = freshReference()
    const id = await announce(carga, { equipmentReference, carrierOrganization: 'acme' })
    await declareVgm(carga, id)
    await carga.request('POST', `${visits}/${id}/events`, { body: event('GTIN', '10:00') })
    const as = machine('globex')
    for (const path of [visits, '/dcsa/tnt/v3/events', '/dcsa/vgm/v1/vgm-declarations']) {
      const { status, text } = await carga.request(
        'GET',
        `${path}?equipmentReference=${equipmentReference}`,
        { as },
      )
      expect(status).toBe(200)
      expect(text).not.toContain(equipmentReference)
    }
  })
})

describe('a list that comes broken', () => {
  const message = (...segments: string[]) => `${segments.join("'")}'`
  const envelope = ['UNB+UNOC:3+A+B+261128:0530+1', 'UNH+1+COPRAR:D:00B:UN', 'BGM+45+1+9']

  it.each([
    ['nothing', ''],
    ['no message', 'hello'],
    ['a cut envelope', "UNB+UNOC:3+A+B+261128:0530+1'UNH+1+COPRAR"],
    ['an end without a beginning', message('UNZ+1+1')],
    [
      'another message',
      message(...envelope.slice(0, 1), 'UNH+1+INVOIC:D:96A:UN', 'UNT+2+1', 'UNZ+1+1'),
    ],
    [
      'fewer segments than counted',
      message(...envelope, 'EQD+CN+CSQU3054383+22G1:102:5+++5', 'UNT+99+1', 'UNZ+1+1'),
    ],
    ['a container without a number', message(...envelope, 'EQD+CN', 'UNT+4+1', 'UNZ+1+1')],
    [
      'a wrong number',
      message(...envelope, 'EQD+CN+CSQU3054384+22G1:102:5+++5', 'UNT+4+1', 'UNZ+1+1'),
    ],
    [
      'one container twice',
      message(
        ...envelope,
        'EQD+CN+CSQU3054383+22G1:102:5+++5',
        'EQD+CN+CSQU3054383+22G1:102:5+++5',
        'UNT+5+1',
        'UNZ+1+1',
      ),
    ],
    ['no end of the message', message(...envelope, 'EQD+CN+CSQU3054383+22G1:102:5+++5', 'UNZ+1+1')],
    ['no end of the interchange', message(...envelope, 'UNT+3+1')],
    ['the end of another message', message(...envelope, 'UNT+3+2', 'UNZ+1+1')],
    ['the end of another interchange', message(...envelope, 'UNT+3+1', 'UNZ+1+2')],
    ['a segment of a megabyte', message(...envelope, `FTX+${'A'.repeat(1_000_000)}`)],
    [
      'ten thousand segments of nothing',
      message(...envelope, ...Array.from({ length: 10_000 }, () => 'X')),
    ],
    ['a NUL character', message(...envelope, 'EQD+CN+\0')],
  ])('as UN/EDIFACT: %s, is refused and changes nothing', async (_what, text) => {
    const call = await carga.knownCall()
    const reference = freshReference()
    const path = `/v1/port-calls/${call}/load-list`
    expect(await send(`${path}/import`, 'text/csv', `${head}\r\n${line(reference)}`)).toMatchObject(
      { status: 201 },
    )
    const answer = await send(`${path}/import-message`, 'application/edifact', text)
    expect([400, 422]).toContain(answer.status)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.text.length).toBeLessThan(20_000)
    const { body } = await carga.request('GET', path)
    expect(body.items).toMatchObject([{ equipmentReference: reference }])
  })

  it.each([
    ['nothing', ''],
    ['no head', line('CSQU3054383')],
    ['an unknown column', `${head},weight\r\n${line('CSQU3054383')},1`],
    ['a column twice', `${head},bay\r\n${line('CSQU3054383')},1`],
    ['a cell too many', `${head}\r\n${line('CSQU3054383')},,`],
    ['an open quote', `${head}\r\n"CSQU3054383,22G1`],
    ['a slot of letters', `${head}\r\n${line('CSQU3054383', 'A,B,C')}`],
    ['half a slot', `${head}\r\n${line('CSQU3054383', '1,,82')}`],
    ['a formula', `${head}\r\n=1+1,22G1,false,20000,,,,,,`],
    ['one container twice', `${head}\r\n${line('CSQU3054383')}\r\n${line('CSQU3054383')}`],
    ['a NUL character', `${head}\r\nCSQU\0,22G1,false,20000,,,,,,`],
  ])('as a table: %s, is refused and changes nothing', async (_what, text) => {
    const call = await carga.knownCall()
    const path = `/v1/port-calls/${call}/discharge-list`
    const answer = await send(`${path}/import`, 'text/csv', text)
    expect([400, 422]).toContain(answer.status)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect((await carga.request('GET', path)).body.items).toEqual([])
  })

  it('or too large is refused', async () => {
    const path = `/v1/port-calls/${await carga.knownCall()}/load-list`
    const large = 'A'.repeat(4_194_305)
    for (const [to, type, body] of [
      [`${path}/import`, 'text/csv', large],
      [`${path}/import-message`, 'application/edifact', large],
      [visits, 'application/json', JSON.stringify({ seals: large })],
      ['/dcsa/tnt/v3/events', 'application/json', JSON.stringify({ events: [large] })],
    ] as const) {
      expect({ to, status: (await send(to, type, body)).status }).toEqual({ to, status: 413 })
    }
    const tooMany = Array.from({ length: 10_001 }, () => line('CSQU3054383')).join('\r\n')
    const answer = await send(`${path}/import`, 'text/csv', `${head}\r\n${tooMany}`)
    expect([413, 422]).toContain(answer.status)
    expect((await carga.request('GET', path)).body.items).toEqual([])
  })
})

describe('what comes more than once', () => {
  it('has its effect once, of twenty requests with one key at a time', async () => {
    const body = newVisit()
    const headers = { 'idempotency-key': randomUUID() }
    const announceAgain = () => carga.request('POST', visits, { headers, body })
    const answers = await Promise.all(Array.from({ length: 20 }, announceAgain))
    // Those that came while the first was at work are told so.
    const made = answers.filter(({ status }) => status === 201)
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
    expect(new Set(made.map((answer) => answer.body.id)).size).toBe(1)
    const replayed = await announceAgain()
    expect(replayed).toMatchObject({
      status: 201,
      headers: { 'idempotency-replayed': 'true' },
      body: { id: made[0]?.body.id },
    })
    const found = await carga.request(
      'GET',
      `${visits}?equipmentReference=${body.equipmentReference}`,
    )
    expect(found.body.items).toHaveLength(1)
    const other = await carga.request('POST', visits, { headers, body: newVisit() })
    expect(other).toMatchObject({ status: 422 })
  })

  it('is one open visit of twenty that are announced at once without a key', async () => {
    const body = newVisit()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => carga.request('POST', visits, { body })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'CONTAINER_VISIT_OPEN' } })
    }
  })

  it('replaces a list once, and not with another table', async () => {
    const call = await carga.knownCall()
    const path = `/v1/port-calls/${call}/load-list/import`
    const key = { 'idempotency-key': randomUUID() }
    const table = `${head}\r\n${line(freshReference())}`
    const forecasts = async () =>
      (
        await carga.opened.database.sql(
          `SELECT 1 FROM kit.outbox WHERE subject = $1 AND type = 'carga.moves.forecast'`,
          [call],
        )
      ).length
    expect(await send(path, 'text/csv', table, key)).toMatchObject({ status: 201 })
    expect(await send(path, 'text/csv', table, key)).toMatchObject({
      status: 201,
      headers: { 'idempotency-replayed': 'true' },
    })
    expect(await forecasts()).toBe(1)
    const other = await send(path, 'text/csv', `${table}\r\n${line(freshReference())}`, key)
    expect(other).toMatchObject({ status: 422 })
  })
})
