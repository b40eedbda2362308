import type { AidToNavigation, AisMessage, UtcReport } from '@porttrack/ais/message'
import { type Fix, isOlder, judge } from '../targets/fix.ts'
import type { TargetKind } from '../targets/target.schema.ts'
import { hearName, type KnownTarget } from '../targets/target.ts'
import { followMove, type Presence, type ZoneTransition } from '../zones/presence.ts'
import type { ZoneRules } from '../zones/zone-index.ts'
import { copyOf, type Draft, type HeardStation } from './heard-station.ts'
import type { IncomingMessage } from './intake.ts'

/** A message that the database did not have, with its number there. */
export type NewMessage = {
  readonly id: number
  readonly incoming: IncomingMessage
  /** Null for a type that is not decoded. */
  readonly message: AisMessage | null
}

/** A report of a position: a row of a track. */
export type PositionReported = {
  readonly fix: Fix
  readonly report: NewMessage
  quarantined: boolean
}

/** A ship at the border of a zone, with what was known of the ship then. */
export type ZoneReport = ZoneTransition & { target: KnownTarget }

export type Known = {
  /** Those of all messages, by MMSI. */
  stations: ReadonlyMap<number, HeardStation>
  rules: ZoneRules
}

/** What new messages change beside their stations. */
export type Effects = {
  positions: PositionReported[]
  /** Messages that are no report of a position. */
  others: NewMessage[]
  /** Fixes of earlier messages that a second one has agreed with. */
  released: { mmsi: number; time: number; messageId: number }[]
  zoneReports: ZoneReport[]
}

/** Works out what new messages change, in their order, and changes their stations. */
export const effectsOf = (messages: readonly NewMessage[], known: Known): Effects => {
  const effects: Effects = { positions: [], others: [], released: [], zoneReports: [] }
  for (const given of messages) {
    const { message, incoming } = given
    const station = incoming.mmsi === null ? undefined : known.stations.get(incoming.mmsi)
    if (!message || !station) {
      effects.others.push(given)
      continue
    }
    const target = station.draft(kindOf(message))
    target.receivedAt = Math.max(target.receivedAt, incoming.arrival)
    const reported = effects.positions.length
    takeMessage({ station, target, message, given }, { known, effects })
    if (effects.positions.length === reported) effects.others.push(given)
  }
  return effects
}

type Heard<M extends AisMessage = AisMessage> = {
  station: HeardStation
  /** The station's draft. */
  target: Draft
  message: M
  given: NewMessage
}
type Scene = { known: Known; effects: Effects }

const takeMessage = ({ station, target, message, given }: Heard, scene: Scene): void => {
  switch (message.type) {
    case 1:
    case 2:
    case 3:
      target.stationClass = 'A'
      return takePosition({ station, target, message, given }, scene)
    case 27:
      return takePosition({ station, target, message, given }, scene)
    case 18:
      target.stationClass = 'B'
      return takePosition({ station, target, message, given }, scene)
    case 19:
      target.stationClass = 'B'
      takeStatic({ target, given }, message)
      return takePosition({ station, target, message, given }, scene)
    case 5:
      target.stationClass = 'A'
      return takeStatic({ target, given }, message)
    case 24:
      target.stationClass = 'B'
      return takeStatic({ target, given }, message)
    case 4:
      target.kind = 'base-station'
      return takePlace({ target, message, given })
    case 21:
      target.kind = 'aid-to-navigation'
      takeStatic({ target, given }, message)
      return takePlace({ target, message, given })
    case 11:
      // A ship's answer to a base station: it was heard, and says no more than its next report.
      return
  }
}

const kindOf = ({ type }: AisMessage): TargetKind => {
  if (type === 4) return 'base-station'
  return type === 21 ? 'aid-to-navigation' : 'vessel'
}

/** Parts of static data that a message has; what it does not carry stays as it was. */
type StaticParts = Partial<
  Pick<
    KnownTarget,
    'name' | 'callSign' | 'imo' | 'shipType' | 'dimensions' | 'draught' | 'destination' | 'eta'
  >
>

const staticFields = [
  'callSign',
  'imo',
  'shipType',
  'dimensions',
  'draught',
  'destination',
  'eta',
] as const satisfies readonly (keyof StaticParts)[]

const takeStatic = (
  { target, given }: Pick<Heard, 'target' | 'given'>,
  message: StaticParts,
): void => {
  if (target.staticAt !== null && isOlder(given.incoming, target.staticAt)) return
  const parts = Object.fromEntries(
    staticFields.flatMap((name) => (name in message ? [[name, message[name]]] : [])),
  ) as StaticParts
  Object.assign(target, parts, hearName(target, message.name ?? null))
  target.staticAt = given.incoming.time
}

type PositionReport = Extract<AisMessage, { type: 1 | 2 | 3 | 18 | 19 | 27 }>

const takePosition = (
  { station, target, message, given }: Heard<PositionReport>,
  scene: Scene,
): void => {
  const { lat, lon } = message
  // "Not available" is no position, and no fix without one.
  if (lat === null || lon === null) return
  const { incoming, id } = given
  const fix: Fix = {
    time: incoming.time,
    ownTime: incoming.ownTime,
    lat,
    lon,
    speed: message.speed,
    course: message.course,
    heading: 'heading' in message ? message.heading : null,
    status: 'status' in message ? message.status : null,
  }
  const { fix: last, suspect } = target
  const verdict = judge(fix, { last, suspect, arrival: incoming.arrival })
  const quarantined = verdict === 'quarantined'
  scene.effects.positions.push({ fix, report: given, quarantined })
  if (verdict === 'late') return
  if (verdict === 'quarantined') {
    const { time, ownTime } = fix
    target.suspect = { time, ownTime, lat, lon, messageId: String(id) }
    return
  }
  target.fix = fix
  target.suspect = null
  if (verdict === 'moves' || !suspect) return follow(station, { from: last, to: fix }, scene)
  release(station, suspect, scene)
  // Nobody knows the way of a jump: the ship appears at the suspect fix and sails on from there.
  const landing = { ...suspect, speed: null }
  follow(station, { from: null, to: landing }, scene)
  const later = suspect.time <= fix.time
  follow(station, { from: later ? landing : null, to: fix }, scene)
}

const release = (
  { mmsi }: HeardStation,
  { time, messageId }: { time: number; messageId: string },
  { effects }: Scene,
): void => {
  const id = Number(messageId)
  const row = effects.positions.find(({ report }) => report.id === id)
  if (row) row.quarantined = false
  else effects.released.push({ mmsi, time, messageId: id })
}

const follow = (
  station: HeardStation,
  move: Parameters<typeof followMove>[1],
  { known, effects }: Scene,
): void => {
  const { target } = station
  if (target?.kind !== 'vessel') return
  const before = station.presences
  const { presences, transitions } = followMove(before, move, known.rules)
  if (!sameStays(before, presences)) station.presences = presences
  for (const transition of transitions) {
    effects.zoneReports.push({ ...transition, target: copyOf(target) })
  }
}

// A stay that has not changed is the same object.
const sameStays = (before: readonly Presence[], after: readonly Presence[]): boolean =>
  before.length === after.length && before.every((stay, n) => stay === after[n])

/** Of stations that stay where they are: the place they report, without a track. */
const takePlace = ({
  target,
  message,
  given,
}: Omit<Heard<UtcReport | AidToNavigation>, 'station'>): void => {
  const { lat, lon } = message
  const { time, ownTime } = given.incoming
  if (lat === null || lon === null) return
  if (target.fix && isOlder(given.incoming, target.fix.time)) return
  target.fix = { time, ownTime, lat, lon, speed: null, course: null, heading: null, status: null }
}
