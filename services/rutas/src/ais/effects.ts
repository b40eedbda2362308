import type { AidToNavigation, AisMessage, UtcReport } from '@porttrack/ais/message'
import { type Fix, isOlder, judge } from '../targets/fix.ts'
import type { TargetKind } from '../targets/target.schema.ts'
import { hearName, type KnownTarget, unknownTarget } from '../targets/target.ts'
import { followMove, type Presence, type ZoneTransition } from '../zones/presence.ts'
import type { ZoneRules } from '../zones/zone-index.ts'
import type { IncomingMessage } from './intake.ts'

/** A message that the database did not have, with its number there. */
export type NewMessage = { readonly id: string; readonly incoming: IncomingMessage }

/** A row of a track. */
type TrackRow = Fix & {
  mmsi: string
  messageId: string
  source: string | null
  quarantined: boolean
}

/** A ship at the border of a zone, with what was known of the ship then. */
export type ZoneReport = ZoneTransition & { target: KnownTarget }

export type Known = {
  targets: ReadonlyMap<string, KnownTarget>
  /** By MMSI; none for a ship that is in no zone. */
  presences: ReadonlyMap<string, readonly Presence[]>
  rules: ZoneRules
}

/** What a batch of new messages changes. */
export type Effects = {
  positions: TrackRow[]
  /** Fixes of earlier batches that a second one has agreed with. */
  released: { mmsi: string; time: number; messageId: string }[]
  /** Every target that was heard, as it is now. */
  targets: Map<string, KnownTarget>
  /** Of ships whose stays have changed. */
  presences: Map<string, readonly Presence[]>
  zoneReports: ZoneReport[]
}

/** Works out what new messages change, in their order. Pure: rows in, rows out. */
export const effectsOf = (messages: readonly NewMessage[], known: Known): Effects => {
  const effects: Effects = {
    positions: [],
    released: [],
    targets: new Map(),
    presences: new Map(),
    zoneReports: [],
  }
  for (const given of messages) {
    const { message, arrival } = given.incoming
    if (!message) continue
    const { mmsi } = message
    const before =
      effects.targets.get(mmsi) ?? known.targets.get(mmsi) ?? unknownTarget(mmsi, kindOf(message))
    const heard = { ...before, receivedAt: Math.max(before.receivedAt, arrival) }
    const after = takeMessage({ target: heard, message, given }, { known, effects })
    effects.targets.set(mmsi, after)
  }
  return effects
}

type Heard<M extends AisMessage = AisMessage> = {
  target: KnownTarget
  message: M
  given: NewMessage
}
type Scene = { known: Known; effects: Effects }

const takeMessage = ({ target, message, given }: Heard, scene: Scene): KnownTarget => {
  switch (message.type) {
    case 1:
    case 2:
    case 3:
      return takePosition({ target: { ...target, stationClass: 'A' }, message, given }, scene)
    case 27:
      return takePosition({ target, message, given }, scene)
    case 18:
      return takePosition({ target: { ...target, stationClass: 'B' }, message, given }, scene)
    case 19: {
      const named = takeStatic({ target: { ...target, stationClass: 'B' }, given }, message)
      return takePosition({ target: named, message, given }, scene)
    }
    case 5:
      return takeStatic({ target: { ...target, stationClass: 'A' }, given }, message)
    case 24:
      return takeStatic({ target: { ...target, stationClass: 'B' }, given }, message)
    case 4:
      return takePlace({ target: { ...target, kind: 'base-station' }, message, given })
    case 21: {
      const named = takeStatic({ target: { ...target, kind: 'aid-to-navigation' }, given }, message)
      return takePlace({ target: named, message, given })
    }
    case 11:
      // A ship's answer to a base station: it was heard, and says no more than its next report.
      return target
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

const staticFields = new Set([
  'callSign',
  'imo',
  'shipType',
  'dimensions',
  'draught',
  'destination',
  'eta',
])

const takeStatic = (
  { target, given }: Pick<Heard, 'target' | 'given'>,
  message: StaticParts,
): KnownTarget => {
  const { time } = given.incoming
  if (target.staticAt !== null && isOlder(given.incoming, target.staticAt)) return target
  const parts = Object.fromEntries(
    Object.entries(message).filter(([name]) => staticFields.has(name)),
  ) as StaticParts
  return { ...target, ...parts, ...hearName(target, message.name ?? null), staticAt: time }
}

type PositionReport = Extract<AisMessage, { type: 1 | 2 | 3 | 18 | 19 | 27 }>

const takePosition = ({ target, message, given }: Heard<PositionReport>, scene: Scene) => {
  const { lat, lon } = message
  // "Not available" is no position, and no fix without one.
  if (lat === null || lon === null) return target
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
  const { arrival } = incoming
  const verdict = judge(fix, { last: target.fix, suspect: target.suspect, arrival })
  const row = { ...fix, mmsi: target.mmsi, messageId: id, source: incoming.source }
  scene.effects.positions.push({ ...row, quarantined: verdict === 'quarantined' })
  switch (verdict) {
    case 'late':
      return target
    case 'quarantined': {
      const { time, ownTime } = fix
      return { ...target, suspect: { time, ownTime, lat, lon, messageId: id } }
    }
    case 'moves': {
      const moved = { ...target, fix, suspect: null }
      follow(moved, { from: target.fix, to: fix }, scene)
      return moved
    }
    case 'confirms': {
      const { suspect } = target
      const moved = { ...target, fix, suspect: null }
      if (!suspect) return moved
      release(target.mmsi, suspect, scene)
      // Nobody knows the way of a jump: the ship appears at the suspect fix and sails on from there.
      const landing = { ...suspect, speed: null }
      follow(moved, { from: null, to: landing }, scene)
      const later = suspect.time <= fix.time
      follow(moved, { from: later ? landing : null, to: fix }, scene)
      return moved
    }
  }
}

const release = (
  mmsi: string,
  { time, messageId }: { time: number; messageId: string },
  { effects }: Scene,
): void => {
  const row = effects.positions.find((each) => each.messageId === messageId)
  if (row) row.quarantined = false
  else effects.released.push({ mmsi, time, messageId })
}

const follow = (
  target: KnownTarget,
  move: Parameters<typeof followMove>[1],
  { known, effects }: Scene,
): void => {
  if (target.kind !== 'vessel') return
  const { mmsi } = target
  const before = effects.presences.get(mmsi) ?? known.presences.get(mmsi) ?? []
  const { presences, transitions } = followMove(before, move, known.rules)
  if (!sameStays(before, presences)) effects.presences.set(mmsi, presences)
  for (const transition of transitions) effects.zoneReports.push({ ...transition, target })
}

// A stay that has not changed is the same object.
const sameStays = (before: readonly Presence[], after: readonly Presence[]): boolean =>
  before.length === after.length && before.every((stay, n) => stay === after[n])

/** Of stations that stay where they are: the place they report, without a track. */
const takePlace = ({ target, message, given }: Heard<UtcReport | AidToNavigation>): KnownTarget => {
  const { lat, lon } = message
  const { time, ownTime } = given.incoming
  if (lat === null || lon === null) return target
  if (target.fix && isOlder(given.incoming, target.fix.time)) return target
  const still = { speed: null, course: null, heading: null, status: null }
  return { ...target, fix: { time, ownTime, lat, lon, ...still } }
}
