import { type BoundingBox, isInBox } from '../geography/bounding-box.ts'
import type { Place } from '../geography/geodesy.ts'
import { inside, onPlane, type ZoneShape } from '../zones/zone.ts'
import type { LivePosition, LiveZoneEvent } from './live.schema.ts'

/** Where a reader of the live stream stands: the last message of a batch, and when it was written. */
export type LiveCursor = {
  readonly last: bigint
  /** Milliseconds since 1970. */
  readonly written: number
}

/** Something that happened to a ship, and its JSON as it is sent. */
export type Told = { readonly mmsi: string; readonly place: Place; readonly text: string }

/** What one batch of AIS changed. */
export type LiveChange = {
  readonly cursor: LiveCursor
  readonly positions: readonly Told[]
  readonly zoneEvents: readonly (Told & { readonly zoneId: string })[]
}

/** What a reader wants; everything that is not null must hold. */
export type LiveFilter = {
  readonly box: BoundingBox | null
  readonly mmsis: ReadonlySet<string> | null
  readonly shape: ZoneShape | null
}

export const cursorText = ({ last, written }: LiveCursor): string => `${last}-${written}`

/** @returns null for what is no cursor */
export const readCursor = (text: string): LiveCursor | null => {
  const [, last, written] = /^(\d{1,18})-(\d{1,15})$/.exec(text) ?? []
  return last === undefined ? null : { last: BigInt(last), written: Number(written) }
}

/** A batch as its row holds it, ready to be told to any number of readers. */
export const liveChange = (
  cursor: LiveCursor,
  { positions, zoneEvents }: { positions: LivePosition[]; zoneEvents: LiveZoneEvent[] },
): LiveChange => ({
  cursor,
  positions: positions.map((each) => told(each)),
  zoneEvents: zoneEvents.map((each) => ({ ...told(each), zoneId: each.zone.id })),
})

const told = (each: { mmsi: string; position: Place }): Told => ({
  mmsi: each.mmsi,
  place: each.position,
  text: JSON.stringify(each),
})

/** JSON of what a reader is told of a change (`LiveChanges`); null when it is nothing. */
export const tellOf = (change: LiveChange, filter: LiveFilter): string | null => {
  const { shape } = filter
  const wanted = ({ mmsi, place }: Told): boolean =>
    (filter.mmsis?.has(mmsi) ?? true) && (filter.box === null || isInBox(place, filter.box))
  const positions = change.positions.filter(
    (each) => wanted(each) && (shape === null || inside(shape, onPlane(shape, each.place))),
  )
  const zoneEvents = change.zoneEvents.filter(
    (each) => wanted(each) && (shape === null || each.zoneId === shape.zone.id),
  )
  if (positions.length + zoneEvents.length === 0) return null
  return `{"positions":[${textOf(positions)}],"zoneEvents":[${textOf(zoneEvents)}]}`
}

const textOf = (all: readonly Told[]): string => all.map(({ text }) => text).join(',')
