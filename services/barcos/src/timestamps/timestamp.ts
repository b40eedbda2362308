import { defineErrors } from '@porttrack/shared/http/errors'
import { type Source, sources } from '../reporter.ts'
import { endsOfStays } from './berth-stays.ts'
import { endsOfOccurrences, occurrenceOf } from './occurrences.ts'
import type { EventType, Phase, ServiceTimestamp, ServiceType } from './port-call-matrix.ts'

export const timestampErrors = defineErrors({
  TIMESTAMP_REFUSED: {
    status: 422,
    title: {
      en: 'The timestamp breaks the rules of port call services',
      es: 'La marca de tiempo incumple las reglas de los servicios de escala',
    },
  },
})

type Recorded = ServiceTimestamp & {
  id: string
  source: Source
  /** RFC 3339 in UTC. */
  recordedAt: string
  portCallServiceId?: string | null
  /** Conditions that it does not meet: one with any is kept and never counts. */
  breaches?: readonly string[]
}

/** A timestamp from a less believed source never replaces one from a more believed source. */
export const outranks = (source: Source, other: Source): boolean =>
  sources.indexOf(source) > sources.indexOf(other)

/** Services of which a call may have several at once, each by a provider of its own. */
const parallel: ReadonlySet<ServiceType> = new Set([
  'PILOTAGE',
  'TOWAGE',
  'MOORING',
  'BUNKERING',
  'SLUDGE',
])

/**
 * Of the raw timestamps of one call, those that count: for each service, event type, phase and
 * classifier, and of actual ones for each berth stay and each time that it was begun anew within it,
 * the one of the most believed source, and of several from one source the one recorded last. One without a phase is of every phase: it replaces,
 * and is replaced by, any of them. Of what may be provided several times at once, each service has
 * its own. One that breaks the matrix counts for nothing.
 */
export const effectiveOf = <T extends Recorded>(timestamps: readonly T[]): T[] => {
  const counting = timestamps.filter(({ breaches = [] }) => breaches.length === 0)
  const ends = endsOfStays(counting)
  const begunAnew = endsByService(counting)
  const turnOf = (each: T): string => {
    if (each.classifierCode !== 'ACT') return ''
    const begun = begunAnew.get(each.portCallServiceTypeCode) ?? []
    return `${occurrenceOf(ends, each)}/${occurrenceOf(begun, each)}`
  }
  const types = Map.groupBy(counting, (each) =>
    [
      each.portCallServiceTypeCode,
      each.portCallServiceEventTypeCode,
      each.classifierCode,
      turnOf(each),
      parallel.has(each.portCallServiceTypeCode) ? (each.portCallServiceId ?? '') : '',
    ].join(),
  )
  return [...types.values()].flatMap((all) => {
    const best = new Map<Phase | null, T>()
    for (const each of all) {
      const present = best.get(phaseOf(each))
      if (!present || replaces(each, present)) best.set(phaseOf(each), each)
    }
    const ofAny = best.get(null)
    const rivals = [...best.values()].filter((each) => each !== ofAny)
    const kept = rivals.filter((each) => !ofAny || !replaces(ofAny, each))
    return ofAny && kept.length === 0 ? [ofAny] : kept
  })
}

/** When services that are begun and completed were, before they were begun anew: ships anchor twice. */
const endsByService = (counting: readonly Recorded[]): ReadonlyMap<ServiceType, number[]> => {
  const told = counting.filter(
    ({ classifierCode, portCallServiceTypeCode: type, portCallServiceEventTypeCode: event }) =>
      classifierCode === 'ACT' && !parallel.has(type) && (event === 'STRT' || event === 'CMPL'),
  )
  const byType = Map.groupBy(told, ({ portCallServiceTypeCode }) => portCallServiceTypeCode)
  return new Map(
    [...byType].map(([type, all]) => [
      type,
      endsOfOccurrences(
        all.map(({ serviceDateTime, portCallServiceEventTypeCode: event, source }) => ({
          time: Date.parse(serviceDateTime),
          ends: event === 'CMPL',
          source,
        })),
      ),
    ]),
  )
}

/** AIS sees no phase: the one it proposes is that of the ordinary way, also where a ship shifts. */
const phaseOf = ({ source, portCallPhaseTypeCode }: Recorded): Phase | null =>
  source === 'AIS' ? null : (portCallPhaseTypeCode ?? null)

const replaces = (later: Recorded, present: Recorded): boolean => {
  if (later.source !== present.source) return outranks(later.source, present.source)
  if (later.recordedAt !== present.recordedAt) return later.recordedAt > present.recordedAt
  return later.id > present.id
}

/** What a zone event says has happened to a ship. */
export type ZoneHappening = 'entered' | 'left' | 'stopped'

type Proposal = {
  portCallServiceTypeCode: ServiceType
  portCallServiceEventTypeCode: EventType
  portCallPhaseTypeCode: Phase | null
}

const proposal = (
  portCallServiceTypeCode: ServiceType,
  portCallServiceEventTypeCode: EventType,
  portCallPhaseTypeCode: Phase | null,
): Proposal => ({ portCallServiceTypeCode, portCallServiceEventTypeCode, portCallPhaseTypeCode })

/** Kind of zone and what happened → the actual timestamp that AIS proposes by it. */
const proposals: ReadonlyMap<string, Proposal> = new Map([
  ['port-area entered', proposal('SEA_PASSAGE', 'CMPL', 'INBD')],
  ['port-area left', proposal('SEA_PASSAGE', 'STRT', 'OUTB')],
  ['anchorage entered', proposal('ANCHORAGE', 'STRT', null)],
  ['anchorage left', proposal('ANCHORAGE', 'CMPL', null)],
  ['pilot-boarding entered', proposal('PILOT_BOARDING_PLACE', 'ARRI', 'INBD')],
  // Entering is not arriving: ships pass berths. `stopped` is entered and still for some minutes.
  ['berth stopped', proposal('BERTH', 'ARRI', 'INBD')],
  ['berth left', proposal('BERTH', 'DEPA', 'OUTB')],
])

/**
 * The actual timestamp that a zone event stands for, or null when it stands for none.
 *
 * @param seen.hasStopped whether the ship had become still in the stay that a `left` ends: who never
 *   berthed departs from no berth
 */
export const proposedBy = (
  kind: string,
  { happening, hasStopped }: { happening: ZoneHappening; hasStopped: boolean },
): Proposal | null => {
  if (kind === 'berth' && happening === 'left' && !hasStopped) return null
  return proposals.get(`${kind} ${happening}`) ?? null
}
