import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery, PageOf } from '@porttrack/shared/http/pagination'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { type Static, type TSchema, Type } from 'typebox'
import { Comparison, EtaReasonTexts } from '../etas/eta.schema.ts'
import { Mmsi } from '../targets/target.schema.ts'
import { deviationKinds, entryKinds, entrySources, sightingSources } from './journey.ts'
import { looksAheadDays } from './voyage-policy.ts'
import { callStatusCodes, transportCallStates, voyageStates } from './voyage.ts'
import { told } from '../told.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Moment = (description: string) =>
  Type.String({ format: 'date-time', maxLength: 40, description })

const text = { pattern: String.raw`^\S(?:.*\S)?$`, minLength: 1 }

const UNLocationCode = Type.String({
  pattern: unLocationCodePattern,
  minLength: 5,
  maxLength: 5,
  description: 'UN/LOCODE of the port',
})
const statusCodes = Object.keys(callStatusCodes) as (keyof typeof callStatusCodes)[]
const StatusCode = Type.Enum([...statusCodes], {
  description: `DCSA OVS 3: ${statusCodes.map((code) => `${code} ${callStatusCodes[code]}`).join('; ')}. None for a normal call`,
})
const TransportCallReference = Type.String({
  ...text,
  maxLength: 100,
  description:
    'Tells calls of a voyage apart, also when the schedule changes; unless given the port and how often the ship has called there: `ESALG-1`',
})
const FacilityCode = Type.String({
  minLength: 1,
  maxLength: 6,
  pattern: '^[A-Z0-9]+$',
  description: 'SMDG or BIC code of the terminal',
})
const ImoNumber = Type.String({ pattern: String.raw`^\d{7}$`, minLength: 7, maxLength: 7 })
const Reason = Type.String({ ...text, maxLength: 500 })

const plannedTimes = {
  plannedArrival: Moment('Not needed of the first call'),
  plannedDeparture: Moment('Not needed of the last call'),
}

const CallInput = Type.Object(
  {
    transportCallReference: Type.Optional(TransportCallReference),
    UNLocationCode,
    facilityCode: Type.Optional(nullable(FacilityCode)),
    statusCode: Type.Optional(nullable(StatusCode)),
    plannedArrival: Type.Optional(nullable(plannedTimes.plannedArrival)),
    plannedDeparture: Type.Optional(nullable(plannedTimes.plannedDeparture)),
  },
  { additionalProperties: false },
)

const particulars = {
  carrierServiceCode: Type.String({ ...text, maxLength: 11 }),
  carrierVoyageNumber: Type.String({ ...text, maxLength: 50 }),
  universalVoyageReference: Type.String({
    pattern: String.raw`^\d{2}[0-9A-Z]{2}[NEWSR]$`,
    minLength: 5,
    maxLength: 5,
    description: 'DCSA: year, number within it, direction',
  }),
  vesselName: Type.String({ ...text, maxLength: 100 }),
}

/** Calls of a voyage, at most. */
const mostCalls = 100

/** Body of POST and PUT. */
export const VoyageInput = Type.Object(
  {
    vesselIMONumber: Type.Optional(nullable(ImoNumber)),
    MMSINumber: Type.Optional(nullable(Mmsi)),
    vesselName: Type.Optional(nullable(particulars.vesselName)),
    carrierServiceCode: Type.Optional(nullable(particulars.carrierServiceCode)),
    carrierVoyageNumber: particulars.carrierVoyageNumber,
    universalVoyageReference: Type.Optional(nullable(particulars.universalVoyageReference)),
    calls: Type.Array(CallInput, {
      minItems: 2,
      maxItems: mostCalls,
      description: 'In their order',
    }),
  },
  {
    additionalProperties: false,
    description: 'A ship is named by its IMO number, its MMSI or both',
  },
)
export type VoyageInput = Static<typeof VoyageInput>

const SightingSource = Type.Enum([...sightingSources], {
  description:
    'REPORT a person or machine of this API, BARCOS the port, ZONE a zone that the ship entered or left, POSITION the ship’s distance from the port; the first of them counts most',
})

const transportCall = {
  transportCallReference: TransportCallReference,
  UNLocationCode,
  facilityCode: nullable(FacilityCode),
  statusCode: nullable(StatusCode),
  state: Type.Enum([...transportCallStates]),
  portCallId: nullable(Type.String({ format: 'uuid', description: 'The port call in barcos' })),
  plannedArrival: nullable(Moment('As scheduled')),
  plannedDeparture: nullable(Moment('As scheduled')),
  requestedArrival: nullable(Moment('When the port wants the ship, as barcos tells')),
  estimatedArrival: nullable(Moment('The last estimate that was told')),
  arrivedAt: nullable(Moment('When the ship came')),
  arrivalSource: nullable(SightingSource),
  departedAt: nullable(Moment('When the ship left')),
  departureSource: nullable(SightingSource),
}

export const TransportCall = Type.Object(transportCall, { $id: 'TransportCall' })
export type TransportCall = Static<typeof TransportCall>

export const VoyageDeviation = Type.Object(
  {
    kind: Type.Enum([...deviationKinds], {
      description:
        'LATE for a call by more than VOYAGE_LATE_MINUTES, OFF_ROUTE by more than VOYAGE_OFF_ROUTE_MILES, SKIPPED_CALL',
    }),
    transportCallReference: nullable(told.reference),
    since: Moment('When it began'),
    until: nullable(Moment('When it ended; null while it lasts')),
    minutes: nullable(Type.Integer({ description: 'Minutes behind the plan at last' })),
    nauticalMiles: nullable(Type.Number({ description: 'From the route when it was noticed' })),
  },
  { $id: 'VoyageDeviation' },
)
export type VoyageDeviation = Static<typeof VoyageDeviation>

/** When the ship reaches its next call. */
export const VoyageEta = Type.Object(
  {
    transportCallReference: told.reference,
    UNLocationCode,
    arrival: Moment('The estimate'),
    estimatedAt: Moment('Time of the fix that it is reckoned from'),
    distance: Type.Number({ minimum: 0, description: 'Nautical miles that were to go then' }),
    speed: Type.Number({ description: 'Knots reckoned with' }),
    reasons: EtaReasonTexts,
    planned: nullable(Comparison),
    declared: nullable(Comparison),
    requested: nullable(Comparison),
  },
  { $id: 'VoyageEta' },
)
export type VoyageEta = Static<typeof VoyageEta>

/** Why a voyage has no estimate, the first that stands in the way; `docs/voyages.md` has the same words. */
const etaAbsences = {
  VOYAGE_ENDED: 'the voyage is completed or cancelled',
  NO_CALL_AHEAD: 'the ship has come to the last call',
  VOYAGE_AHEAD: `the voyage begins in more than ${looksAheadDays} days`,
  NOT_DEPARTED: 'the ship is at a call, or was not seen to begin the voyage',
  MMSI_UNKNOWN: 'the ship is known by its IMO number alone, and was not heard',
  POSITION_UNKNOWN: 'no position of the ship was heard',
  POSITION_OLD: 'the last one is older than `TARGET_LOST_MINUTES`',
  POSITION_AHEAD: 'the last one is of a clock that is ahead',
  PORT_POSITION_UNKNOWN: 'the port of the next call is not among those that routes know',
  NOT_AT_SEA: 'no way by sea begins at the last position',
  NOT_UNDER_WAY: 'the ship is slower than 3 knots, or does not tell its speed',
  NOT_RECKONED_YET: 'the next look at the ship reckons it, and `detail` says when',
} as const
export type EtaAbsenceCode = keyof typeof etaAbsences
const absenceCodes = Object.keys(etaAbsences) as EtaAbsenceCode[]

const EtaAbsence = Type.Object(
  {
    code: Type.Enum([...absenceCodes], {
      description: absenceCodes.map((code) => `${code} ${etaAbsences[code]}`).join('; '),
    }),
    detail: told.sentence,
  },
  { description: 'Why there is no `eta`, as of now and in the caller’s language' },
)

export const Voyage = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    vesselIMONumber: nullable(ImoNumber),
    MMSINumber: nullable(Mmsi),
    vesselName: nullable(particulars.vesselName),
    carrierServiceCode: nullable(particulars.carrierServiceCode),
    carrierVoyageNumber: particulars.carrierVoyageNumber,
    universalVoyageReference: nullable(particulars.universalVoyageReference),
    state: Type.Enum([...voyageStates]),
    startedAt: nullable(Moment('When the ship left the first call, or was first seen behind it')),
    endedAt: nullable(Moment('When the ship left the last call, or the voyage was called off')),
    calls: Type.Array(Type.Ref('TransportCall'), { maxItems: mostCalls }),
    eta: nullable(Type.Ref('VoyageEta')),
    etaAbsence: Type.Union([EtaAbsence, Type.Null()], {
      description: 'Null where there is an `eta`',
    }),
    deviations: Type.Array(Type.Ref('VoyageDeviation')),
    traceId: Type.String({
      pattern: '^[0-9a-f]{32}$',
      description: 'By which Jaeger or Tempo shows the voyage, where traces are sent',
    }),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Type.String({ format: 'date-time' }),
    changedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Voyage' },
)
export type Voyage = Static<typeof Voyage>

export const VoyageList = PageOf(Type.Ref('Voyage'))

export const VoyageListQuery = Type.Object(
  {
    ...pageQuery,
    state: Type.Optional(Type.Enum([...voyageStates])),
    MMSINumber: Type.Optional(Mmsi),
    vesselIMONumber: Type.Optional(ImoNumber),
    deviating: Type.Optional(
      Type.Enum([...deviationKinds], { description: 'Voyages of which such a deviation lasts' }),
    ),
    from: Type.Optional(Moment('Schedules that begin then or later')),
    to: Type.Optional(Moment('Schedules that begin before')),
  },
  { additionalProperties: false },
)
export type VoyageListQuery = Static<typeof VoyageListQuery>

export const VoyageParams = Type.Object(
  { id: Type.String({ format: 'uuid' }) },
  { additionalProperties: false },
)

export const ReportParams = Type.Object(
  { id: Type.String({ format: 'uuid' }), reportId: Type.String({ format: 'uuid' }) },
  { additionalProperties: false },
)

/** Body of the cancellation of a voyage, and of the retraction of a report. */
export const ReasonGiven = Type.Object({ reason: Reason }, { additionalProperties: false })

/** An arrival or departure as a person or a machine reports it. */
export const VoyageReport = Type.Object(
  {
    event: Type.Union([Type.Literal('ARRIVAL'), Type.Literal('DEPARTURE')]),
    transportCallReference: TransportCallReference,
    time: Moment('When it happened'),
  },
  { additionalProperties: false },
)
export type VoyageReport = Static<typeof VoyageReport>

/** A call at a port, with whose voyage it is of. */
export const CallAtPort = Type.Object(
  {
    ...transportCall,
    voyageId: Type.String({ format: 'uuid' }),
    voyageState: Type.Enum([...voyageStates]),
    carrierVoyageNumber: particulars.carrierVoyageNumber,
    vesselIMONumber: nullable(ImoNumber),
    MMSINumber: nullable(Mmsi),
    vesselName: nullable(particulars.vesselName),
    expectedAt: Moment(
      'The best that is known of the arrival; of a first call without one, of the departure',
    ),
  },
  { $id: 'CallAtPort' },
)
export type CallAtPort = Static<typeof CallAtPort>

export const CallAtPortQuery = Type.Object(
  {
    ...pageQuery,
    UNLocationCode,
    from: Type.Optional(Moment('Calls expected then or later')),
    to: Type.Optional(Moment('Calls expected before')),
  },
  { additionalProperties: false },
)
export type CallAtPortQuery = Static<typeof CallAtPortQuery>

export const VoyageTimelineEntry = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    kind: Type.Enum([...entryKinds]),
    time: Moment('When it happened'),
    recordedAt: Moment('When it was told here'),
    source: Type.Enum([...entrySources], {
      description: 'WATCH is what follows from positions and the clock; others as of an arrival',
    }),
    recordedBy: nullable(
      Type.String({ ...Subject, description: 'Subject of who reported it by this API' }),
    ),
    transportCallReference: nullable(told.reference),
    UNLocationCode: nullable(told.unLocationCode),
    portCallId: nullable(told.code),
    arrival: nullable(Moment('The arrival that was estimated or requested')),
    nauticalMiles: nullable(Type.Number({ description: 'From the route' })),
    reason: nullable(
      Type.String({ ...told.reason, description: 'Of a cancellation or a retraction' }),
    ),
    retracts: nullable(
      Type.String({ ...told.code, description: 'Id of the entry that is not true' }),
    ),
    retracted: Type.Boolean({ description: 'Whether a later entry says that it is not true' }),
  },
  { $id: 'VoyageTimelineEntry' },
)
export type VoyageTimelineEntry = Static<typeof VoyageTimelineEntry>

export const VoyageTimelineQuery = Type.Object(pageQuery, { additionalProperties: false })
export type VoyageTimelineQuery = Static<typeof VoyageTimelineQuery>
