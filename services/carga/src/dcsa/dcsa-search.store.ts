import type { Position } from '@porttrack/shared/http/pagination'
import type { Visibility } from '../visibility.ts'

/** References by which DCSA's lists of cargo are asked. */
type References = {
  carrierBookingReference?: string
  transportDocumentReference?: string
  equipmentReference?: string
}

type Searched = {
  /** Has `sender`, `organization`, the three references, `container_visit_id` and `payload`. */
  table: 'tracked_event' | 'vgm_declaration'
  /** The column that the list is ordered by, and its least and greatest value. */
  time: { column: string; min?: string | undefined; max?: string | undefined }
  query: References
  visibility: Visibility
  after: Position | null
  take: number
  /** Columns that must have one of some values. */
  oneOf?: Readonly<Record<string, readonly string[] | undefined>>
}

/** A row of the page: what is told, and its place in the list. */
export type Told<Message> = { id: string; time: Date; payload: Message }

/**
 * The rows of one page of a list that DCSA's systems ask for. Whoever is bound to an organisation sees
 * what is of it, and what it has sent.
 */
export const dcsaSearch = (searched: Searched): { text: string; values: unknown[] } => {
  const { table, time, query, visibility, after, take, oneOf = {} } = searched
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const conditions: string[] = []
  if (after) {
    const [at, id] = after
    conditions.push(`(x.${time.column}, x.id) > (${bind(at)}::timestamptz, ${bind(id)}::uuid)`)
  }
  if (time.min !== undefined) conditions.push(`x.${time.column} >= ${bind(time.min)}::timestamptz`)
  if (time.max !== undefined) conditions.push(`x.${time.column} <= ${bind(time.max)}::timestamptz`)
  if (query.equipmentReference !== undefined) {
    conditions.push(`x.equipment_reference = ${bind(query.equipmentReference)}`)
  }
  for (const [column, wanted] of Object.entries(oneOf)) {
    if (wanted !== undefined) conditions.push(`x.${column} = ANY(${bind(wanted)}::text[])`)
  }
  const references = {
    carrier_booking_reference: query.carrierBookingReference,
    transport_document_reference: query.transportDocumentReference,
  }
  for (const [column, value] of Object.entries(references)) {
    if (value === undefined) continue
    const wanted = bind(value)
    // A message has the references that it was sent with, and those of its container's visit.
    conditions.push(`x.id IN (
      SELECT m.id FROM ${table} m WHERE m.${column} = ${wanted}
      UNION ALL
      SELECT m.id FROM container_visit v JOIN ${table} m ON m.container_visit_id = v.id
      WHERE v.${column} = ${wanted})`)
  }
  const page = (more: readonly string[]): string => {
    const all = [...conditions, ...more]
    return `SELECT x.id::text, x.${time.column} AS "time", x.payload FROM ${table} x
      ${all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`}
      ORDER BY x.${time.column}, x.id LIMIT ${take}`
  }
  if (visibility === 'all') return { text: page([]), values }
  const own = bind(visibility[0] ?? null)
  // Each part walks an index of its own to its first rows; an OR of both would sort all of them.
  const text = `SELECT * FROM (
      (${page([`x.organization = ${own}`])})
      UNION ALL
      (${page([`x.sender = ${own}`, `x.organization IS DISTINCT FROM ${own}`])})
    ) AS seen ORDER BY "time", id LIMIT ${take}`
  return { text, values }
}
