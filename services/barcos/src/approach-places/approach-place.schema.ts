import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { Point, Polygon } from '../places/geometry.schema.ts'
import { metres, placeNames, placeState } from '../places/place.schema.ts'

const Geometry = Type.Union([Point, Polygon], {
  description: 'An area, or a point: with radiusMetres the centre of a circle',
})

const particulars = {
  radiusMetres: metres('Radius of the circle around a point', 50_000),
  depth: metres('Depth of the water at chart datum', 1_000),
  maximumDraft: metres('Deepest draft that is sent there', 50),
  maximumLengthOverall: metres('Longest ship that is sent there', 500),
}

/** What only one of the kinds has. */
const capacity = Type.Integer({ minimum: 1, maximum: 1_000, description: 'Ships at a time' })
const VHFChannel = Type.Integer({
  minimum: 1,
  maximum: 2_999,
  description: 'VHF channel on which the pilot is called (ITU Radio Regulations, Appendix 18)',
  examples: [12],
})

const given = {
  ...placeNames,
  geometry: Geometry,
  radiusMetres: Type.Optional(particulars.radiusMetres),
  depth: Type.Optional(particulars.depth),
  maximumDraft: Type.Optional(particulars.maximumDraft),
  maximumLengthOverall: Type.Optional(particulars.maximumLengthOverall),
}

/** Makes or replaces an anchorage: what is left out is no limit, or not known. */
export const AnchorageInput = Type.Object(
  { ...given, capacity: Type.Optional(capacity) },
  { additionalProperties: false },
)

/** Makes or replaces a pilot boarding place: what is left out is no limit, or not known. */
export const PilotBoardingPlaceInput = Type.Object(
  { ...given, VHFChannel: Type.Optional(VHFChannel) },
  { additionalProperties: false },
)

export type ApproachPlaceInput = Static<typeof AnchorageInput> &
  Static<typeof PilotBoardingPlaceInput>

const place = {
  id: Type.String({ format: 'uuid' }),
  ...placeNames,
  geometry: Geometry,
  radiusMetres: nullable(particulars.radiusMetres),
  depth: nullable(particulars.depth),
  maximumDraft: nullable(particulars.maximumDraft),
  maximumLengthOverall: nullable(particulars.maximumLengthOverall),
}

export const Anchorage = Type.Object(
  { ...place, capacity: nullable(capacity), ...placeState },
  { $id: 'Anchorage' },
)

export const PilotBoardingPlace = Type.Object(
  { ...place, VHFChannel: nullable(VHFChannel), ...placeState },
  { $id: 'PilotBoardingPlace' },
)

/** A place of either kind; an answer has what its own kind has. */
export type ApproachPlace = Static<typeof Anchorage> & Static<typeof PilotBoardingPlace>
