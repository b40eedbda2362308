import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { LineString, Point, Polygon } from '../places/geometry.schema.ts'
import { metres, placeNames, placeState, Reason } from '../places/place.schema.ts'
import { vesselTypes } from '../vessels/vessel.ts'
import { dangerousGoodsClasses, facilityCodeListProviders } from './berth.ts'
import { told } from '../text.ts'

const Bollard = Type.Object(
  {
    number: Type.String({
      pattern: String.raw`^[^\p{Cc}\s]{1,10}$`,
      description: 'As painted on the quay',
      examples: ['B12'],
    }),
    metre: Type.Number({
      minimum: 0,
      maximum: 10_000,
      description: 'Metres from the quay’s zero mark',
    }),
  },
  { additionalProperties: false },
)

const Geometry = Type.Union([Point, LineString, Polygon], {
  description: 'Where the berth is; a line is the quay’s edge from its zero mark',
})

/** What may be left out: no limit, or not known. */
const particulars = {
  facilityCode: Type.String({
    pattern: '^[A-Z0-9]{1,6}$',
    description: 'Code of the facility, by the list of its provider (DCSA)',
  }),
  facilityCodeListProvider: Type.Enum([...facilityCodeListProviders], {
    description: 'Whose list the facility code is from (DCSA)',
  }),
  maximumLengthOverall: metres('Longest ship that is taken', 500),
  maximumBeam: metres('Widest ship that is taken', 150),
  maximumDraft: metres('Deepest draft that is taken, whatever the depth', 50),
  maximumDeadweight: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1_000_000,
    description: 'Greatest deadweight that is taken, tonnes',
  }),
  overheadClearance: metres('Height above the water of what is overhead', 300),
  reeferPlugs: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    description: 'Plugs for refrigerated containers',
  }),
  geometry: Geometry,
}

const VesselTypes = Type.Array(
  Type.Enum(Object.keys(vesselTypes) as (keyof typeof vesselTypes)[]),
  {
    maxItems: Object.keys(vesselTypes).length,
    uniqueItems: true,
    description: 'Types of ships that are taken (DCSA vesselTypeCode); empty takes every type',
  },
)
const DangerousGoodsClasses = Type.Array(Type.Enum([...dangerousGoodsClasses]), {
  maxItems: dangerousGoodsClasses.length,
  uniqueItems: true,
  description:
    'Classes and divisions of dangerous goods that are taken (IMDG Code, chapter 2.0); empty takes none',
})
const Bollards = Type.Array(Bollard, {
  maxItems: 500,
  description: 'From the quay’s zero mark on, each number once',
})

const measures = {
  quayLength: metres('Length of the quay', 10_000),
  depth: metres('Depth of the water at chart datum', 50),
}

/** Makes or replaces a berth: what is left out is no limit, or not known. */
export const BerthInput = Type.Object(
  {
    ...placeNames,
    ...measures,
    bollards: Type.Optional(Bollards),
    facilityCode: Type.Optional(particulars.facilityCode),
    facilityCodeListProvider: Type.Optional(particulars.facilityCodeListProvider),
    maximumLengthOverall: Type.Optional(particulars.maximumLengthOverall),
    maximumBeam: Type.Optional(particulars.maximumBeam),
    maximumDraft: Type.Optional(particulars.maximumDraft),
    maximumDeadweight: Type.Optional(particulars.maximumDeadweight),
    overheadClearance: Type.Optional(particulars.overheadClearance),
    vesselTypes: Type.Optional(VesselTypes),
    dangerousGoodsClasses: Type.Optional(
      Type.Union([DangerousGoodsClasses, Type.Null({ description: 'Every class' })], {
        description: 'Every class where it is left out',
      }),
    ),
    reeferPlugs: Type.Optional(particulars.reeferPlugs),
    geometry: Type.Optional(particulars.geometry),
  },
  { additionalProperties: false },
)
export type BerthInput = Static<typeof BerthInput>

const berth = {
  id: Type.String({ format: 'uuid' }),
  ...placeNames,
  ...measures,
  bollards: Bollards,
  facilityCode: nullable(particulars.facilityCode),
  facilityCodeListProvider: nullable(particulars.facilityCodeListProvider),
  maximumLengthOverall: nullable(particulars.maximumLengthOverall),
  maximumBeam: nullable(particulars.maximumBeam),
  maximumDraft: nullable(particulars.maximumDraft),
  maximumDeadweight: nullable(particulars.maximumDeadweight),
  overheadClearance: nullable(particulars.overheadClearance),
  vesselTypes: VesselTypes,
  dangerousGoodsClasses: Type.Union([DangerousGoodsClasses, Type.Null()], {
    description: 'Null takes every class',
  }),
  reeferPlugs: nullable(particulars.reeferPlugs),
  geometry: nullable(Geometry),
  ...placeState,
}

export const Berth = Type.Object(berth, { $id: 'Berth' })
export type Berth = Static<typeof Berth>

export const BerthReservation = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    berthId: Type.String({ format: 'uuid' }),
    portCallId: Type.String({ format: 'uuid' }),
    vesselName: told.vesselName,
    fromMetre: Type.Number(),
    toMetre: Type.Number(),
    startsAt: Type.String({ format: 'date-time' }),
    endsAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'BerthReservation' },
)
export type BerthReservation = Static<typeof BerthReservation>

export const ClosedBerth = Type.Object(
  {
    ...berth,
    affectedReservations: Type.Array(Type.Ref('BerthReservation'), {
      description: 'Reservations that wait to be planned elsewhere, by their beginning',
    }),
  },
  { $id: 'ClosedBerth' },
)
export type ClosedBerth = Static<typeof ClosedBerth>

export const Closing = Type.Object(
  {
    reason: Reason,
    force: Type.Optional(
      Type.Boolean({ description: 'Close it although ships are planned to it or lie there' }),
    ),
  },
  { additionalProperties: false },
)
export type Closing = Static<typeof Closing>
