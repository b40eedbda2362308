import { listed, type Text } from '@porttrack/shared/http/language'
import type { EventCode, StandingEvent } from '../container-visit-events/container-visit-event.ts'
import type { ContainerVisitState, Flow } from './container-visit.ts'
import type { Position } from './container-visit.schema.ts'

/** A state and the events that bring a visit there, all of them, from the state before. */
type Step = { to: ContainerVisitState; by: readonly EventCode[] }

/**
 * The way of each flow. What has no DCSA code is one of PortTrack's own: YARD, the container is set
 * down in the yard. CUSR is customs' release, RELS the line's, DEPA the vessel's departure. A
 * container for transshipment comes by ship as an import does, so both begin ON_BOARD; its visit
 * ends when it is loaded, and an export's when the vessel leaves.
 */
const ways: Readonly<Record<Flow, { start: ContainerVisitState; steps: readonly Step[] }>> = {
  EXPORT: {
    start: 'ADVISED',
    steps: [
      { to: 'GATED_IN', by: ['GTIN'] },
      { to: 'IN_YARD', by: ['YARD'] },
      { to: 'LOADED', by: ['LOAD'] },
      { to: 'DEPARTED', by: ['DEPA'] },
    ],
  },
  IMPORT: {
    start: 'ON_BOARD',
    steps: [
      { to: 'DISCHARGED', by: ['DISC'] },
      { to: 'IN_YARD', by: ['YARD'] },
      { to: 'RELEASED', by: ['CUSR', 'RELS'] },
      { to: 'GATED_OUT', by: ['GTOT'] },
    ],
  },
  TRANSSHIPMENT: {
    start: 'ON_BOARD',
    steps: [
      { to: 'DISCHARGED', by: ['DISC'] },
      { to: 'IN_YARD', by: ['YARD'] },
      { to: 'LOADED', by: ['LOAD'] },
    ],
  },
}

/** Releases are papers: they are given at any time, also before the ship is in, and again. */
const releases: ReadonlySet<EventCode> = new Set(['CUSR', 'RELS'])

/** What moves a container, and so belongs to the flows that have it as a step and to no other. */
const moves: ReadonlySet<EventCode> = new Set(['GTIN', 'GTOT', 'LOAD', 'DISC', 'YARD'])

/** Why an event has no effect, one sentence for each thing that is in its way. */
type Obstacles = readonly Text[]

/** What the standing actual events of a visit make of it. */
export type Progress = {
  state: ContainerVisitState
  position: Position | null
  /** Events that cannot follow those before them, by id; they count once what is missing comes. */
  idle: ReadonlyMap<string, Obstacles>
}

/** The state of a visit of which no event stands. */
export const startOf = (flow: Flow): ContainerVisitState => ways[flow].start

/**
 * Walks through a visit's standing events in the order in which they happened, and by the order of
 * the flow's steps where two have the same time; so the order in which they were recorded decides
 * between two positions at one moment, and nothing else. Planned and estimated events are left out.
 */
export const progressOf = (flow: Flow, events: readonly StandingEvent[]): Progress => {
  const { start, steps } = ways[flow]
  const counted = new Set<EventCode>()
  const idle = new Map<string, Obstacles>()
  let reached = 0
  let position: Position | null = null
  for (const event of inOrder(flow, events)) {
    const obstacles = obstaclesOf(event.eventCode, { flow, reached, counted })
    if (obstacles.length > 0) {
      idle.set(event.id, obstacles)
      continue
    }
    counted.add(event.eventCode)
    while (steps[reached]?.by.every((code) => counted.has(code))) reached += 1
    // A move that does not say where to leaves the position unknown, rather than wrong.
    if (moves.has(event.eventCode)) position = event.position
  }
  return { state: steps[reached - 1]?.to ?? start, position, idle }
}

const inOrder = (flow: Flow, events: readonly StandingEvent[]): StandingEvent[] =>
  events
    .filter(({ eventClassifierCode }) => eventClassifierCode === 'ACT')
    .toSorted(
      (a, b) =>
        Date.parse(a.eventDateTime) - Date.parse(b.eventDateTime) ||
        stepOf(flow, a.eventCode) - stepOf(flow, b.eventCode) ||
        a.sequence - b.sequence,
    )

const stepOf = (flow: Flow, code: EventCode): number =>
  ways[flow].steps.findIndex(({ by }) => by.includes(code))

type Stand = { flow: Flow; reached: number; counted: ReadonlySet<EventCode> }

const obstaclesOf = (code: EventCode, { flow, reached, counted }: Stand): Obstacles => {
  const { steps } = ways[flow]
  const index = stepOf(flow, code)
  if (releases.has(code)) return []
  if (index === -1)
    return moves.has(code)
      ? [{ en: `${code} is no step of ${flow}`, es: `${code} no es un paso de ${flow}` }]
      : []
  if (index > reached) {
    return steps
      .slice(reached, index)
      .flatMap(({ by }) => by.filter((each) => !counted.has(each)))
      .map((missing) => ({
        en: `${missing} is missing before ${code}`,
        es: `falta ${missing} antes de ${code}`,
      }))
  }
  if (index === reached) return []
  if (code !== 'YARD') {
    return [{ en: `${code} has happened already`, es: `${code} ya ha ocurrido` }]
  }
  const left = steps.slice(index + 1, reached).find(({ by }) => !by.every((c) => releases.has(c)))
  if (!left) return []
  const by = listed(left.by, 'and')
  return [
    {
      en: `the container has left the yard by ${by.en}`,
      es: `el contenedor ha salido del patio por ${by.es}`,
    },
  ]
}
