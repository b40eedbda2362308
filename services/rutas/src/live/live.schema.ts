import { type Static, Type } from 'typebox'
import { ZoneEvent } from '../events.ts'
import { Target } from '../targets/target.schema.ts'
import { told } from '../told.ts'

const { mmsi, kind, name, shipType, speed, course, heading, navigationStatus } = Target.properties

/** Where a ship is, as the live stream tells it. */
export const LivePosition = Type.Object({
  mmsi,
  kind,
  name,
  shipType,
  position: ZoneEvent.properties.position,
  speed,
  course,
  heading,
  navigationStatus,
  time: Type.String({ format: 'date-time', description: 'Time of the fix' }),
})
export type LivePosition = Static<typeof LivePosition>

/** A zone event with its type, as the live stream tells it. */
export const LiveZoneEvent = Type.Object({
  type: Type.String({ ...told.eventType, description: 'As in the feed: `rutas.zone.entered`…' }),
  ...ZoneEvent.properties,
})
export type LiveZoneEvent = Static<typeof LiveZoneEvent>

/** Data of an event `changes`. */
export const LiveChanges = Type.Object(
  {
    positions: Type.Array(LivePosition, { description: 'The last position of each ship' }),
    zoneEvents: Type.Array(LiveZoneEvent),
  },
  { $id: 'LiveChanges' },
)

export const LiveQuery = Type.Object(
  {
    bbox: Type.Optional(
      Type.String({
        maxLength: 100,
        description:
          'Only what happens in `west,south,east,north`, in degrees; with west over east it crosses the antimeridian',
      }),
    ),
    zone: Type.Optional(
      Type.String({
        format: 'uuid',
        maxLength: 36,
        description: 'Only positions in this zone as it is drawn at the beginning, and its events',
      }),
    ),
    mmsi: Type.Optional(
      Type.String({
        pattern: String.raw`^\d{9}(,\d{9}){0,99}$`,
        maxLength: 1_000,
        description: 'Only these ships; up to 100, separated by commas',
        examples: ['224123456,636092297'],
      }),
    ),
  },
  { additionalProperties: false },
)
export type LiveQuery = Static<typeof LiveQuery>
