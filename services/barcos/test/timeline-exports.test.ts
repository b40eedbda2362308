import { parse } from 'csv-parse/sync'
import { extractText, getDocumentProxy, getMeta } from 'unpdf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertBerth, insertReservation, insertTimestamp } from './rows.ts'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos({ env: { PORT_TIME_ZONES: '*=Europe/Madrid' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

type Stamp = [service: string, event: string, time: string, phase?: string]

/** The hour that is lived twice in Madrid on 26 October 2025 lies between the first two. */
const stamps: Stamp[] = [
  ['SEA_PASSAGE', 'CMPL', '2025-10-26T00:30:00Z', 'INBD'],
  ['ANCHORAGE', 'STRT', '2025-10-26T01:30:00Z'],
  ['BERTH', 'ARRI', '2025-10-26T09:12:00Z', 'INBD'],
  ['CARGO_OPERATIONS', 'STRT', '2025-10-26T10:00:00Z', 'ALGS'],
]

const record = async (id: string, stamp: Stamp, more: object = {}) => {
  const [portCallServiceTypeCode, portCallServiceEventTypeCode, serviceDateTime, phase] = stamp
  const answer = await barcos.post(`/v1/port-calls/${id}/timestamps`, {
    portCallServiceTypeCode,
    portCallServiceEventTypeCode,
    serviceDateTime,
    classifierCode: 'ACT',
    ...(phase === undefined ? {} : { portCallPhaseTypeCode: phase }),
    ...more,
  })
  if (answer.status !== 201) throw new Error(answer.text)
}

/** A call of a ship with `name` that has arrived, berthed and begun to work. */
const callOf = async (name: string) => {
  const vessel = await barcos.registerVessel({
    name,
    callSign: 'EAXY',
    flag: 'ES',
    lengthOverall: 199.9,
    beam: 32.2,
    grossTonnage: 41_000,
    deadweight: 50_500,
  })
  const call = await barcos.announce(vessel.id, { previousPort: 'NLRTM', nextPort: 'MAPTM' })
  for (const stamp of stamps) await record(call.id, stamp)
  return { call, vessel }
}

const timeline = (id: string, accept: string, headers: Record<string, string> = {}) =>
  barcos.request('GET', `/v1/port-calls/${id}/timeline`, { headers: { accept, ...headers } })

/** A PDF answer, whose bytes a text would not hold. */
const statement = async (id: string, language?: string) => {
  const token = barcos.issuer.gatewayToken('barcos', { roles: ['harbour-master'] })
  const answer = await fetch(`${barcos.url}/v1/port-calls/${id}/timeline`, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/pdf',
      ...(language === undefined ? {} : { 'accept-language': language }),
    },
  })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const document = await getDocumentProxy(bytes.slice())
  const { text } = await extractText(document, { mergePages: false })
  return { answer, bytes, document, pages: text.map((page) => page.replaceAll(/\s+/g, ' ')) }
}

describe('a timeline as CSV', () => {
  it('holds every entry, with the port’s own time beside UTC', async () => {
    const { call } = await callOf('Algeciras Star')
    const answer = await timeline(call.id, 'text/csv')
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="timeline-ESALG-${call.id}.csv"`,
        vary: 'accept',
      },
    })
    const rows: Record<string, string>[] = parse(answer.text, { columns: true })
    expect(rows.map(({ kind }) => kind)).toEqual([...stamps.map(() => 'TIMESTAMP'), 'DECISION'])
    expect(rows.slice(0, 2)).toMatchObject([
      {
        time: '2025-10-26T00:30:00.000Z',
        localTime: '2025-10-26T02:30:00+02:00[Europe/Madrid]',
        portCallServiceTypeCode: 'SEA_PASSAGE',
        effective: 'true',
      },
      { localTime: '2025-10-26T02:30:00+01:00[Europe/Madrid]', by: 'tester' },
    ])
    expect(rows.at(-1)).toMatchObject({ action: 'announce', from: '', to: 'ANNOUNCED' })
  })

  it('is whole whatever the page, and starts no formula', async () => {
    const { call } = await callOf('Algeciras Star')
    await record(call.id, ['TOWAGE', 'STRT', '2025-10-26T08:00:00Z'], { remark: '=1+1' })
    const answer = await barcos.request('GET', `/v1/port-calls/${call.id}/timeline?limit=1`, {
      headers: { accept: 'text/csv' },
    })
    const rows: Record<string, string>[] = parse(answer.text, { columns: true })
    expect(rows).toHaveLength(stamps.length + 2)
    expect(rows.map(({ remark }) => remark)).toContain("'=1+1")
  })
})

describe('a statement of facts', () => {
  it('says who called, where the ship lay and what happened, in both languages', async () => {
    const { call, vessel } = await callOf('Łódź Ακρόπολη Победа')
    await record(call.id, ['ALL_FAST', 'ARRI', '2025-10-26T09:30:00Z', 'INBD'], {
      locationName: 'Muelle Juan Carlos I',
      remark: 'second line\n ashore',
    })
    const { client } = barcos.opened.database
    const berth = await insertBerth(client, { code: 'JC1', name: 'Juan Carlos I' })
    await insertReservation(client, {
      berthId: berth.id,
      portCallId: call.id,
      fromMetre: 20,
      toMetre: 225,
      startsAt: '2025-10-26T09:00Z',
      endsAt: '2025-10-27T09:00Z',
      alongsideFrom: '2025-10-26T09:12Z',
    })
    const { answer, pages } = await statement(call.id)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="statement-of-facts-ESALG-${call.id}.pdf"`,
      'content-language': 'en',
      vary: 'accept, accept-language',
    })
    expect(pages).toHaveLength(1)
    for (const words of [
      'STATEMENT OF FACTS DECLARACIÓN DE HECHOS',
      'Łódź Ακρόπολη Победа',
      vessel.vesselIMONumber,
      vessel.MMSINumber,
      call.id,
      'ESALG',
      'acme',
      '199.9 m',
      'discharging, loading',
      'JC1 Juan Carlos I',
      '20–225 m',
      '2025-10-26 10:12 +01:00',
      'End of sea passage (inbound) Fin de la travesía (entrada)',
      '2025-10-26 02:30 +02:00 2025-10-26 00:30Z',
      '2025-10-26 02:30 +01:00 2025-10-26 01:30Z',
      'Muelle Juan Carlos I',
      'Person: second line ashore',
      'Master Capitán',
      'Page 1 of 1 / Página 1 de 1',
    ]) {
      expect(pages[0]).toContain(words)
    }
  })

  it('puts Spanish first for who asks for it', async () => {
    const { call } = await callOf('Algeciras Star')
    const { answer, pages, document } = await statement(call.id, 'es-ES,es;q=0.9,en;q=0.5')
    expect(answer.headers.get('content-language')).toBe('es')
    expect(pages[0]).toContain('DECLARACIÓN DE HECHOS STATEMENT OF FACTS')
    expect(pages[0]).toContain('Fin de la travesía (entrada) End of sea passage (inbound)')
    expect(pages[0]).toContain('Página 1 de 1 / Page 1 of 1')
    const { info } = await getMeta(document)
    expect(info).toMatchObject({ Title: 'DECLARACIÓN DE HECHOS: Algeciras Star' })
  })

  it('has only actual events, and of several reports the one that counts', async () => {
    const { call } = await callOf('Algeciras Star')
    await record(call.id, ['BERTH', 'ARRI', '2025-10-26T09:15:00Z', 'INBD'])
    await record(call.id, ['BERTH', 'DEPA', '2025-10-27T09:44:00Z'], { classifierCode: 'EST' })
    const { pages } = await statement(call.id)
    expect(pages[0]).toContain('2025-10-26 09:15Z')
    expect(pages[0]).not.toContain('2025-10-26 09:12Z')
    expect(pages[0]).not.toContain('2025-10-27 09:44Z')
  })

  it('flows over pages, each under the name of the ship and numbered', async () => {
    const { call } = await callOf('Algeciras Star')
    // More events than the matrix has kinds: as another system may have sent them.
    const services = ['PILOTAGE', 'TOWAGE', 'MOORING', 'BUNKERING', 'LASHING', 'SHORE_POWER']
    const kinds = services.flatMap((service) =>
      ['STRT', 'CMPL'].flatMap((event) =>
        ['INBD', 'ALGS', 'SHIF', 'OUTB'].map((phase) => ({ what: `${service} ${event}`, phase })),
      ),
    )
    for (const [n, kind] of kinds.entries()) {
      await insertTimestamp(barcos.opened.database.client, {
        ...kind,
        portCallId: call.id,
        time: new Date(Date.UTC(2025, 9, 27, 0, n)),
        source: 'SYSTEM',
        remark: 'note '.repeat(n + 1),
        locationName: 'Berth 4',
      })
    }
    const { pages } = await statement(call.id)
    expect(pages.length).toBeGreaterThan(2)
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`)
      expect(page).toContain('Algeciras Star')
    }
    const times = pages.join(' ').match(/2025-10-27 00:\d\dZ/g)
    expect(times).toHaveLength(48)
    expect(times).toEqual(times?.toSorted())
    for (const page of pages.slice(0, -1)) expect(page).toContain('Source and remark')
  })
})

describe('the format of a timeline', () => {
  it('is the one that the caller likes best', async () => {
    const { call } = await callOf('Algeciras Star')
    const type = async (accept: string) => (await timeline(call.id, accept)).headers['content-type']
    expect(await type('*/*')).toMatch('application/json')
    expect(await type('application/json;q=0.5, text/csv;q=0.9')).toMatch('text/csv')
    expect(await type('text/html, application/pdf;q=0.2')).toMatch('application/pdf')
  })

  it('is refused when there is none that the caller takes', async () => {
    const { call } = await callOf('Algeciras Star')
    const refused = await timeline(call.id, 'text/html', { 'accept-language': 'es' })
    expect(refused).toMatchObject({
      status: 406,
      headers: { 'content-type': 'application/problem+json' },
      body: {
        code: 'NOT_ACCEPTABLE',
        detail: 'Se puede dar como application/json, text/csv o application/pdf',
      },
    })
  })

  it('changes nothing about who may see it', async () => {
    const { call } = await callOf('Algeciras Star')
    for (const accept of ['text/csv', 'application/pdf']) {
      const path = `/v1/port-calls/${call.id}/timeline`
      const headers = { accept }
      const status = async (as: typeof agent | null) =>
        (await barcos.request('GET', path, { as, headers })).status
      expect(await status(agent)).toBe(200)
      expect(await status(otherAgent)).toBe(404)
      expect(await status(null)).toBe(401)
    }
  })
})
