import { planFaults, readsOf, type Statement } from '@porttrack/shared/testing/query-plans'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { figuresStore } from '../src/figures/figures.store.ts'
import { makeSeason, seasonId } from './season.ts'
import { startBarcos, type TestBarcos } from './start-barcos.ts'

const now = new Date()
const office: Identity = { roles: ['harbour-master'] }
const agent: Identity = { roles: ['agent'], org: 'agent-3' }
const provider: Identity = { roles: ['service-provider'], org: 'tugs-3' }

/** Number of one of the season's calls whose ship is in port now. */
const callInPort = 9_050

/** Tables of so many rows are never to be read from end to end; a pass over fewer can cost least. */
const largeTable = 2_000

/** Rows that one statement may look at in order to answer for one page, or for a week of figures. */
const mostRows = { page: 8_000, figures: 60_000 }

let barcos: TestBarcos
let large: ReadonlySet<string>
beforeAll(async () => {
  barcos = await startBarcos()
  await makeSeason(barcos.databaseUrl, { calls: 10_000, vessels: 1_000, berths: 50, now })
  const { sql } = barcos.opened.database
  await sql(`UPDATE port_call_service SET cancelled_at = now() - interval '1 day'
             WHERE hashtext(id::text) % 50 = 0`)
  await sql('ANALYZE port_call_service')
  const tables = await sql<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= $1`,
    [largeTable],
  )
  large = new Set(tables.map(({ relname }) => relname))
}, 300_000)
afterAll(() => barcos[Symbol.asyncDispose]())

const faultsOf = (statement: Statement, most: number): Promise<string[]> =>
  planFaults(barcos.opened.database.sql, statement, { most, isLarge: (table) => large.has(table) })

type Coded = { enum?: string[]; items?: { enum?: string[] } }
type Parameter = {
  name: string
  in: string
  required?: boolean
  schema: Coded & {
    type?: string
    format?: string
    description?: string
    default?: string | number | boolean
    minimum?: number
    anyOf?: Coded[]
  }
}
type Operation = { operationId: string; parameters?: Parameter[] }

const iso = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString()

/** What a query parameter is asked with: by its name, else by its schema. */
const samplesOf = ({ name, schema }: Parameter): string[] => {
  const named: Record<string, string[]> = {
    UNLocationCode: ['ESALG', 'ESLPA'],
    MMSINumber: ['224000003'],
    agentOrganization: ['agent-3'],
    callSign: ['EA3'],
    candidateFor: [seasonId('call', callInPort)],
    code: ['B03'],
    dangerousGoodsClasses: ['3'],
    date: [iso(-1).slice(0, 10)],
    days: ['7'],
    carrierExportVoyageNumber: ['42E'],
    carrierImportVoyageNumber: ['42W'],
    carrierServiceCode: ['S3'],
    carrierServiceName: ['Service 3'],
    departingFrom: [iso(0)],
    departingTo: [iso(1)],
    eventTimestampMax: [iso(0)],
    eventTimestampMin: [iso(0)],
    expiresBefore: [iso(30).slice(0, 10)],
    expiresFrom: [iso(-30).slice(0, 10)],
    flag: ['ES'],
    from: [schema.format === 'date' ? iso(-7).slice(0, 10) : iso(-2)],
    insteadOf: [seasonId('reservation', callInPort)],
    name: ['Tar'],
    on: [iso(0).slice(0, 10)],
    portCallID: [seasonId('call', callInPort)],
    portCallServiceID: [seasonId('service', 3)],
    portVisitReference: ['V42'],
    providerOrganization: ['tugs-3'],
    terminalCallID: [seasonId('terminal call', 3)],
    terminalCallReference: ['T42'],
    timestampID: [seasonId('timestamp', 3)],
    to: [schema.format === 'date' ? iso(-1).slice(0, 10) : iso(2)],
    universalExportVoyageReference: ['2603E'],
    universalImportVoyageReference: ['2603W'],
    universalServiceReference: ['SR12345A'],
    until: [iso(3)],
    vesselIMONumber: ['9000003'],
    vesselId: [seasonId('vessel', 3)],
    vesselMMSINumber: ['224000003'],
    vesselName: ['Tarifa 3'],
  }
  if (name === 'sort') {
    const fields = /^Order: ([^;]+);/.exec(schema.description ?? '')?.[1]?.split(', ') ?? []
    return fields.flatMap((field) => [field, `-${field}`])
  }
  const codes = [schema, ...(schema.anyOf ?? [])]
    .flatMap((each) => each.enum ?? each.items?.enum ?? [])
    .slice(0, 12)
  const typed: Record<string, string[]> = {
    boolean: ['true', 'false'],
    integer: [String(schema.default ?? schema.minimum ?? 1)],
    number: [String(schema.default ?? schema.minimum ?? 1)],
  }
  const samples = named[name] ?? typed[schema.type ?? ''] ?? codes
  if (samples.length === 0) throw new Error(`no value is known to ask with for "${name}"`)
  return samples
}

/** Which thing of the season stands for `:id` in a path. */
const kinds: Readonly<Record<string, string>> = {
  vessels: 'vessel',
  'port-calls': 'call',
  berths: 'berth',
  reservations: 'reservation',
  'service-orders': 'order',
}

/** Addresses that ask for every filter and every order of a read, alone and within a port. */
const addressesOf = (path: string, { parameters = [] }: Operation): string[] => {
  const kind = kinds[path.split('/')[2] ?? ''] ?? ''
  const address = path
    .replace('{id}', seasonId(kind, kind === 'call' ? callInPort : 3))
    .replace('{vesselId}', seasonId('vessel', 3))
    .replace('{blockId}', seasonId('block', 3))
  const asked = parameters.filter(
    (each) => each.in === 'query' && !/^(?:cursor|limit)$/.test(each.name),
  )
  const parts = asked.map((each) => ({
    required: each.required ?? false,
    pairs: samplesOf(each).map((value) => `${each.name}=${encodeURIComponent(value)}`),
  }))
  const base = parts.filter(({ required }) => required).map(({ pairs }) => pairs[0])
  const place = parts.flatMap(({ pairs }) =>
    pairs.filter((pair) => pair === 'UNLocationCode=ESALG'),
  )
  const queries = parts.flatMap(({ pairs }) =>
    pairs.flatMap((pair) => [
      [pair],
      ...(pair.startsWith('UNLocationCode=') ? [] : place.map((port) => [port, pair])),
    ]),
  )
  const addresses = [[], ...queries].map((query) => {
    const names = new Set(query.map((pair) => pair.split('=')[0]))
    const rest = base.filter((pair) => pair && !names.has(pair.split('=')[0]))
    return `${address}?${[...new Set([...rest, ...query])].join('&')}`
  })
  return [...new Set(addresses)]
}

/** The reads of the service's own resources that look things up in tables, by its OpenAPI document. */
const reads = async (): Promise<(Operation & { path: string })[]> => {
  const { body } = await barcos.request('GET', '/openapi.json', { as: null })
  const paths = Object.entries(body.paths as Record<string, { get?: Operation }>)
  return paths.flatMap(([path, { get }]) =>
    get && !/^\/v1\/(?:feed|webhooks)/.test(path) ? [{ ...get, path }] : [],
  )
}

describe('what the service asks of its database, with a season of 10,000 calls', () => {
  it('is found by an index: every read, filter, order and second page, for everyone', async () => {
    const faults: string[] = []
    let explained = 0
    for (const operation of await reads()) {
      const most = /figures|berth-plan/.test(operation.path) ? mostRows.figures : mostRows.page
      for (const first of addressesOf(operation.path, operation)) {
        for (const as of [office, agent, provider]) {
          for (let address: string | null = first, page = 1; address && page <= 2; page++) {
            const asked = address
            const found: { next?: string } = {}
            const statements = await readsOf(async () => {
              const { status, body } = await barcos.request('GET', asked, { as })
              // What an agent or provider may not know of is looked up all the same.
              if (![200, 403, 404].includes(status)) faults.push(`${asked} answers ${status}`)
              if (typeof body.next === 'string') found.next = body.next
            })
            for (const statement of statements) {
              explained += 1
              for (const fault of await faultsOf(statement, most)) {
                faults.push(
                  `${asked} as ${as.roles?.join()}: ${fault}\n${statement.text.slice(0, 400)}`,
                )
              }
            }
            const { next = null } = found
            address = next && `${first}${first.includes('?') ? '&' : '?'}cursor=${next}`
          }
        }
      }
    }
    expect(faults).toEqual([])
    expect(explained).toBeGreaterThan(200)
  }, 600_000)

  it('is found by an index where gauges are read', async () => {
    const figures = figuresStore({ database: barcos.opened.database })
    const window = { date: 'last week', from: new Date(iso(-7)), to: now }
    const counted = { UNLocationCode: null, visibility: 'all', toleranceSeconds: 3_600 } as const
    const statements = await readsOf(async () => {
      expect(await figures.shipsInPort()).not.toEqual([])
      expect(await figures.berthsNow()).toHaveLength(50)
      expect(await figures.callsExpected()).toHaveLength(3)
      expect(await figures.orphans()).toEqual([{ source: 'AIS', orphans: 500 }])
      expect(await figures.callDays([window], counted)).not.toEqual([])
    })
    expect(statements).toHaveLength(5)
    for (const statement of statements) {
      expect([statement.text, await faultsOf(statement, mostRows.figures)]).toEqual([
        statement.text,
        [],
      ])
    }
  })
})

describe('the proof', () => {
  it('finds a table that is read from end to end', async () => {
    const statement = {
      text: 'SELECT count(*) FROM port_call WHERE previous_port = $1',
      values: ['ESALG'],
    }
    expect(await faultsOf(statement, mostRows.page)).toEqual([
      'reads all of port_call',
      'looks at 10000 rows',
    ])
  })
})
