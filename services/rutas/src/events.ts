import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { Comparison, etaReasons } from './etas/eta.schema.ts'
import { told } from './told.ts'
import { deviationKinds } from './voyages/journey.ts'
import { TransportCall, Voyage, VoyageDeviation } from './voyages/voyage.schema.ts'
import { transportCallStates, voyageStates } from './voyages/voyage.ts'
import { Zone } from './zones/zone.schema.ts'

const { id, name, kind, UNLocationCode, facilityCode } = Zone.properties

/** A ship at the border of a zone, or still in it. */
export const ZoneEvent = Type.Object({
  mmsi: Type.String({ pattern: String.raw`^\d{9}$` }),
  imo: Type.Union([Type.String({ pattern: String.raw`^\d{7}$` }), Type.Null()], {
    description: 'IMO number as the ship declares it; null when it declares none that is valid',
  }),
  name: Type.Union([told.shipName, Type.Null()]),
  zone: Type.Object({ id, name, kind, UNLocationCode, facilityCode }),
  time: Type.String({ format: 'date-time', description: 'When it happened' }),
  position: Type.Object({
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    lon: Type.Number({ minimum: -180, maximum: 180 }),
  }),
})

const ZoneLeft = Type.Object({
  ...ZoneEvent.properties,
  stoppedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description:
      'When the ship became still in this stay, as `rutas.zone.stopped` told; null when it never stopped, such as a ship that passed through',
  }),
})

const ZoneCrossed = Type.Object({
  ...ZoneEvent.properties,
  towards: Type.Union([Type.Literal('LEFT'), Type.Literal('RIGHT')], {
    description:
      'The side that the ship is on now, looking from the line’s first position to its last',
  }),
})

const SpeedExceeded = Type.Object({
  ...ZoneEvent.properties,
  speed: Type.Number({ description: 'Knots over ground' }),
  speedLimitKnots: Type.Number({ description: 'What the zone allows' }),
})

/** What tells a voyage apart, and its ship. */
const voyage = {
  voyageId: Voyage.properties.id,
  vesselIMONumber: Voyage.properties.vesselIMONumber,
  MMSINumber: Voyage.properties.MMSINumber,
  vesselName: Voyage.properties.vesselName,
  carrierServiceCode: Voyage.properties.carrierServiceCode,
  carrierVoyageNumber: Voyage.properties.carrierVoyageNumber,
}
const nullableTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const deviation = {
  ...voyage,
  ...VoyageDeviation.properties,
  kind: Type.Enum([...deviationKinds]),
}

export const events = defineEvents({
  'rutas.zone.entered': {
    description:
      'A ship entered a zone; time and position are those of crossing its border, or of the first fix inside when nobody heard it for an hour',
    data: ZoneEvent,
  },
  'rutas.zone.left': {
    description:
      'A ship left a zone; time and position are those of crossing its border, or of the next fix when nobody heard it for an hour',
    data: ZoneLeft,
  },
  'rutas.zone.stopped': {
    description:
      'A ship has been still in a berth or an anchorage for the zone’s minutes; time is when it became still',
    data: ZoneEvent,
  },
  'rutas.zone.dwelt': {
    description: 'A ship has been in a zone for its `dwellMinutes`, once a stay',
    data: ZoneEvent,
  },
  'rutas.zone.speed-exceeded': {
    description:
      'A ship in a zone is faster than it allows; told again when it has been slower by half a knot meanwhile',
    data: SpeedExceeded,
  },
  'rutas.zone.crossed': {
    description:
      'A ship crossed a line and is beyond it; time and position are those of meeting the line',
    data: ZoneCrossed,
  },
  'rutas.voyage.scheduled': {
    description: 'A voyage was scheduled, or its schedule was replaced; the subject is its id',
    data: Type.Object({
      ...voyage,
      state: Type.Enum([...voyageStates]),
      calls: Type.Array(Type.Object(TransportCall.properties)),
    }),
  },
  'rutas.voyage.state-changed': {
    description:
      'What was seen or decided has brought a voyage into another state; the subject is its id. A correction may bring it back',
    data: Type.Object({
      ...voyage,
      from: Type.Enum([...voyageStates]),
      to: Type.Enum([...voyageStates]),
      startedAt: nullableTime,
      endedAt: nullableTime,
    }),
  },
  'rutas.transport-call.changed': {
    description:
      'A ship has reached, left, passed or skipped a call of its voyage, or the time of it was corrected; the subject is the voyage’s id',
    data: Type.Object({
      ...voyage,
      ...TransportCall.properties,
      from: Type.Enum([...transportCallStates]),
    }),
  },
  'rutas.voyage.deviated': {
    description:
      'A ship is late for a call, off its route, or has skipped a call; the subject is the voyage’s id',
    data: Type.Object(deviation),
  },
  'rutas.voyage.deviation-ended': {
    description:
      'A deviation lasts no longer, or was withdrawn by a correction: then `until` is null; the subject is the voyage’s id',
    data: Type.Object(deviation),
  },
  'rutas.eta.changed': {
    description:
      'The estimated arrival at the next call of a voyage is known, or has moved by ETA_CHANGE_MINUTES or more; the subject is the voyage’s id',
    data: Type.Object({
      ...voyage,
      transportCallReference: Type.String(),
      UNLocationCode: TransportCall.properties.UNLocationCode,
      portCallId: TransportCall.properties.portCallId,
      arrival: Type.String({ format: 'date-time' }),
      previous: nullableTime,
      positionAt: Type.String({ format: 'date-time' }),
      distance: Type.Number({ description: 'Nautical miles to go' }),
      speed: Type.Number({ description: 'Knots reckoned with' }),
      reasons: Type.Array(Type.Enum([...etaReasons])),
      planned: Type.Union([Comparison, Type.Null()]),
      declared: Type.Union([Comparison, Type.Null()]),
      requested: Type.Union([Comparison, Type.Null()]),
    }),
  },
})
