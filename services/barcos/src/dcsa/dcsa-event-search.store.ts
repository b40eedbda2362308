import type { Position } from '@porttrack/shared/http/pagination'
import type { Visibility } from '../port-calls/visibility.ts'
import { readImoNumber } from '../vessels/imo-number.ts'
import { nameKeyOf } from '../vessels/vessel.ts'
import type { DcsaEventQuery } from './dcsa-event.schema.ts'

/** What a page of events is asked by. */
export type Asked = {
  query: DcsaEventQuery
  visibility: Visibility
  after: Position | null
  take: number
}

type Statement = { text: string; values: unknown[] }

/**
 * The ids of the timestamps of one page, in the list's order. By hand, because the ORM joins every
 * call before it looks at the order, which is what an index is walked by here.
 */
export const timestampSearch = ({ query, visibility, after, take }: Asked): Statement => {
  const { where, bind, statement } = search('port_call_timestamp', {
    after,
    take,
    // What is attached to a call is news from then on.
    position: 'greatest(recorded_at, attached_at)',
    since: { column: 'service_time', time: query.eventTimestampMin },
  })
  // What breaks a rule, or was replaced by its sender, is told to nobody.
  where(`x.port_call_id IS NOT NULL AND x.breaches = '{}'`)
  where(...serviceConditions({ query, visibility }, bind, 'many'))
  const columns = {
    service_type: query.portCallServiceTypeCode,
    classifier: query.classifierCode,
  }
  for (const [column, value] of Object.entries(columns)) {
    if (value !== undefined) where(`x.${column} = ${bind(value)}`)
  }
  const ids = { id: query.timestampID, service_id: query.portCallServiceID }
  for (const [column, value] of Object.entries(ids)) {
    if (value !== undefined) where(`x.${column} = ${bind(value)}::uuid`)
  }
  if (query.eventTimestampMax !== undefined) {
    where(`x.service_time <= ${bind(query.eventTimestampMax)}::timestamptz`)
  }
  const terminal = terminalConditions(query, bind)
  if (terminal.length > 0) {
    where(`x.id IN (SELECT e.timestamp_id FROM dcsa_event e WHERE ${terminal.join(' AND ')})`)
  }
  for (const { column, value, document } of carrierNamesIn(query)) {
    where(`x.id IN (
      SELECT t.id FROM port_call c JOIN port_call_timestamp t ON t.port_call_id = c.id
      WHERE c.${column} = ${bind(value)}
      UNION ALL
      SELECT t.id FROM dcsa_event e
        JOIN port_call_timestamp t ON t.id = e.timestamp_id
        JOIN port_call c ON c.id = t.port_call_id
      WHERE c.${column} IS NULL AND e.payload -> 'terminalCall' @> ${bind(document)}::jsonb)`)
  }
  return statement()
}

/** The ids of the events with moves of one page, in the list's order. */
export const movesSearch = ({ query, visibility, after, take }: Asked): Statement => {
  const { where, bind, statement } = search('dcsa_event', {
    after,
    take,
    position: 'recorded_at',
    since: { column: 'event_updated_at', time: query.eventTimestampMin },
  })
  where('x.has_moves AND x.port_call_id IS NOT NULL')
  where(...callConditions({ query, visibility }, bind, 'many'))
  if (query.eventTimestampMax !== undefined) {
    where(`x.event_updated_at <= ${bind(query.eventTimestampMax)}::timestamptz`)
  }
  const terminal = terminalConditions(query, bind)
  if (terminal.length > 0) {
    where(`x.id IN (SELECT e.id FROM dcsa_event e WHERE ${terminal.join(' AND ')})`)
  }
  for (const { column, value, document } of carrierNamesIn(query)) {
    where(`x.id IN (
      SELECT e.id FROM port_call c JOIN dcsa_event e ON e.port_call_id = c.id
      WHERE c.${column} = ${bind(value)}
      UNION ALL
      SELECT e.id FROM dcsa_event e JOIN port_call c ON c.id = e.port_call_id
      WHERE c.${column} IS NULL AND e.payload -> 'terminalCall' @> ${bind(document)}::jsonb)`)
  }
  return statement()
}

/** The ids of the decisions of one page by which a call was omitted, in the list's order. */
export const omissionSearch = ({ query, visibility, after, take }: Asked): Statement => {
  const { where, bind, statement } = search('port_call_decision', {
    after,
    take,
    position: 'decided_at',
    since: { column: 'decided_at', time: query.eventTimestampMin },
  })
  where(`x.action = 'omit'`)
  where(...callConditions({ query, visibility }, bind, 'few'))
  if (query.eventTimestampMax !== undefined) {
    where(`x.decided_at <= ${bind(query.eventTimestampMax)}::timestamptz`)
  }
  where(...namedConditions(query, bind))
  return statement()
}

/** When a service was called off: cancelled by its provider, or declined by its consumer. */
const endedAt = 'coalesce(cancelled_at, declined_at)'

/** The ids of the services of one page that were called off, in the list's order. */
export const calledOffSearch = ({ query, visibility, after, take }: Asked): Statement => {
  const { where, bind, statement } = search('port_call_service', {
    after,
    take,
    position: endedAt,
    since: { column: endedAt, time: query.eventTimestampMin },
  })
  where(`${endedAt} IS NOT NULL`)
  where(...serviceConditions({ query, visibility }, bind, 'few'))
  if (query.portCallServiceTypeCode !== undefined) {
    where(`x.service_type = ${bind(query.portCallServiceTypeCode)}`)
  }
  if (query.portCallServiceID !== undefined) where(`x.id = ${bind(query.portCallServiceID)}::uuid`)
  if (query.eventTimestampMax !== undefined) {
    where(`${endedAt} <= ${bind(query.eventTimestampMax)}::timestamptz`)
  }
  where(...namedConditions(query, bind))
  return statement()
}

/** Of which calls an end is told, by the names that these or events sent for them have. */
const namedConditions = (query: DcsaEventQuery, bind: Bind): string[] => {
  const terminal = terminalConditions(query, bind)
  return [
    ...(terminal.length === 0
      ? []
      : [
          `x.port_call_id IN (SELECT e.port_call_id FROM dcsa_event e WHERE ${terminal.join(' AND ')})`,
        ]),
    ...carrierNamesIn(query).map(
      ({ column, value, document }) => `x.port_call_id IN (
      SELECT c.id FROM port_call c WHERE c.${column} = ${bind(value)}
      UNION ALL
      SELECT c.id FROM dcsa_event e JOIN port_call c ON c.id = e.port_call_id
      WHERE c.${column} IS NULL AND e.payload -> 'terminalCall' @> ${bind(document)}::jsonb)`,
    ),
  ]
}

/** The ids of the events of one page that their sender sees alone, because they have no call yet. */
export const unplacedSearch = ({
  query,
  visibility,
  after,
  take,
}: Asked & { visibility: readonly string[] }): Statement => {
  const { where, bind, statement } = search('dcsa_event', {
    after,
    take,
    position: 'recorded_at',
    since: { column: 'event_updated_at', time: undefined },
  })
  where('x.port_call_id IS NULL')
  where(`x.sender_organization = ANY(${bind([...visibility])}::text[])`)
  where(`(x.has_moves OR EXISTS (SELECT 1 FROM port_call_timestamp t
    WHERE t.id = x.timestamp_id AND t.port_call_id IS NULL AND t.breaches = '{}'))`)
  where(`x.payload @> ${bind(JSON.stringify(payloadOf(query)))}::jsonb`)
  if (query.timestampID !== undefined) where(`x.timestamp_id = ${bind(query.timestampID)}::uuid`)
  const time = `coalesce(
    (x.payload #>> '{timestamp,serviceDateTime}')::timestamptz, x.event_updated_at)`
  if (query.eventTimestampMin !== undefined) {
    where(`${time} >= ${bind(query.eventTimestampMin)}::timestamptz`)
  }
  if (query.eventTimestampMax !== undefined) {
    where(`${time} <= ${bind(query.eventTimestampMax)}::timestamptz`)
  }
  return statement()
}

/** What an event says that was sent, where it is what a query asks for. */
const payloadOf = (query: DcsaEventQuery): object => {
  const said: [readonly string[], string | undefined][] = [
    [['portCall', 'portCallID'], query.portCallID],
    [['portCall', 'portVisitReference'], query.portVisitReference],
    [['portCall', 'UNLocationCode'], query.UNLocationCode],
    [['vessel', 'vesselIMONumber'], query.vesselIMONumber],
    [['vessel', 'vesselMMSINumber'], query.vesselMMSINumber],
    [['vessel', 'vesselName'], query.vesselName],
    [['portCallService', 'portCallServiceID'], query.portCallServiceID],
    [['portCallService', 'portCallServiceTypeCode'], query.portCallServiceTypeCode],
    [['timestamp', 'classifierCode'], query.classifierCode],
    [['terminalCall', 'terminalCallID'], query.terminalCallID],
    [['terminalCall', 'terminalCallReference'], query.terminalCallReference],
    ...Object.entries(carrierNames).map(
      ([name, [, path]]): [readonly string[], string | undefined] => [
        ['terminalCall', ...path],
        query[name as keyof typeof carrierNames],
      ],
    ),
  ]
  const payload: Nested = {}
  for (const [path, value] of said) {
    if (value === undefined) continue
    const last = path.at(-1) ?? ''
    let place = payload
    for (const key of path.slice(0, -1)) place = (place[key] ??= {}) as Nested
    place[last] = value
  }
  return payload
}

type Nested = { [key: string]: Nested | string }

type Bind = (value: unknown) => string

type Bounds = Pick<Asked, 'after' | 'take'> & {
  /** When a row came to be told: what the list is sorted by, and then the id. */
  position: string
  since: { column: string; time: string | undefined }
}

/** A statement over the rows `x` of a table that has an `id`. */
const search = (table: string, { after, take, position, since }: Bounds) => {
  const conditions: string[] = []
  const values: unknown[] = []
  const bind: Bind = (value) => `$${values.push(value)}`
  const where = (...more: string[]): void => void conditions.push(...more)
  if (after) {
    const [toldAt, id] = after
    where(`(${position}, x.id) > (${bind(toldAt)}::timestamptz, ${bind(id)}::uuid)`)
  }
  // What is recent was also recorded lately: in the order of recording it would be found last, so it is
  // looked up first and then put in order.
  const source =
    since.time === undefined
      ? table
      : `(SELECT * FROM ${table} WHERE ${since.column} >= ${bind(since.time)}::timestamptz OFFSET 0)`
  const statement = (): Statement => ({
    text: `SELECT x.id::text FROM ${source} x WHERE ${conditions.join(' AND ')}
           ORDER BY ${position}, x.id LIMIT ${bind(take)}`,
    values,
  })
  return { where, bind, statement }
}

type Viewed = Pick<Asked, 'query' | 'visibility'>

/** Whose calls, which of them, and there nothing of what another provider has agreed. */
const serviceConditions = (asked: Viewed, bind: Bind, rows: Rows): string[] => {
  const ofCall = callConditions(asked, bind, rows)
  const { visibility } = asked
  if (visibility === 'all') return ofCall
  const viewer = `${bind([...visibility])}::text[]`
  // Asked of each row that is another's, of which there are few.
  const isParty = `(SELECT ARRAY[
      p.agent_organization, p.carrier_organization, p.terminal_organization] && ${viewer}
    FROM port_call p WHERE p.id = x.port_call_id)`
  return [
    ...ofCall,
    `CASE WHEN x.provider_organization IS NULL OR x.provider_organization = ANY(${viewer}) THEN true
      ELSE ${isParty} END`,
  ]
}

/** Whether the rows of a table are few beside those of the calls. */
type Rows = 'few' | 'many'

/** Whose calls, and which of them. */
const callConditions = ({ query, visibility }: Viewed, bind: Bind, rows: Rows): string[] => {
  const { vesselIMONumber, vesselName } = query
  const ofCall = equal(
    {
      'c.un_location_code': query.UNLocationCode,
      'c.port_visit_reference': query.portVisitReference,
    },
    bind,
  )
  const ofVessel = equal(
    {
      'v.imo_number': vesselIMONumber === undefined ? undefined : imoNumberOf(vesselIMONumber),
      'v.mmsi_number': query.vesselMMSINumber,
      'v.name_key': vesselName === undefined ? undefined : nameKeyOf(vesselName),
    },
    bind,
  )
  if (visibility !== 'all') ofCall.push(`c.known_to && ${bind([...visibility])}::text[]`)
  const asked = [...ofCall, ...ofVessel]
  const vessel = ofVessel.length > 0 ? 'JOIN vessel v ON v.id = c.vessel_id' : ''
  // Of few rows, and beside a bound on time, each of the rows looks its call up. Left to choose, the
  // planner takes them for several times as many as they are, and reads every call instead until there
  // are some 15,000. Of many it has to choose: few calls are found first, many are looked up one by one.
  const chooses = rows === 'many' && query.eventTimestampMin === undefined
  const test = chooses ? 'EXISTS (SELECT 1' : '(SELECT true'
  return [
    ...(query.portCallID === undefined ? [] : [`x.port_call_id = ${bind(query.portCallID)}::uuid`]),
    ...(asked.length === 0
      ? []
      : [
          `${test} FROM port_call c ${vessel}
      WHERE c.id = x.port_call_id AND ${asked.join(' AND ')})`,
        ]),
  ]
}

/** Conditions on the columns of which something is asked. */
const equal = (columns: Record<string, string | undefined>, bind: Bind): string[] =>
  Object.entries(columns).flatMap(([column, value]) =>
    value === undefined ? [] : [`${column} = ${bind(value)}`],
  )

/** As it is stored; what is no IMO number is no ship's. */
const imoNumberOf = (text: string): string => {
  const reading = readImoNumber(text)
  return 'value' in reading ? reading.value : text
}

const terminalConditions = (
  { terminalCallID, terminalCallReference }: DcsaEventQuery,
  bind: Bind,
): string[] => [
  ...(terminalCallID === undefined ? [] : [`e.terminal_call_id = ${bind(terminalCallID)}::uuid`]),
  ...(terminalCallReference === undefined
    ? []
    : [`e.terminal_call_reference = ${bind(terminalCallReference)}`]),
]

/** A carrier's names of a call: the column that has the call's own, and where events have them. */
const carrierNames = {
  carrierServiceName: ['carrier_service_name', ['carrierServiceName']],
  carrierServiceCode: ['carrier_service_code', ['serviceCodeOrReference', 'carrierServiceCode']],
  universalServiceReference: [
    'universal_service_reference',
    ['serviceCodeOrReference', 'universalServiceReference'],
  ],
  carrierImportVoyageNumber: [
    'carrier_import_voyage_number',
    ['importVoyageNumberOrReference', 'carrierVoyageNumber'],
  ],
  universalImportVoyageReference: [
    'universal_import_voyage_reference',
    ['importVoyageNumberOrReference', 'universalVoyageReference'],
  ],
  carrierExportVoyageNumber: [
    'carrier_export_voyage_number',
    ['exportVoyageNumberOrReference', 'carrierVoyageNumber'],
  ],
  universalExportVoyageReference: [
    'universal_export_voyage_reference',
    ['exportVoyageNumberOrReference', 'universalVoyageReference'],
  ],
} as const satisfies Partial<Record<keyof DcsaEventQuery, readonly [string, readonly string[]]>>

type CarrierName = { column: string; value: string; document: string }

const carrierNamesIn = (query: DcsaEventQuery): CarrierName[] =>
  Object.entries(carrierNames).flatMap(([name, [column, path]]) => {
    const value = query[name as keyof typeof carrierNames]
    if (value === undefined) return []
    const document = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
    return [{ column, value, document: JSON.stringify(document) }]
  })
