import { resolveEta } from '@porttrack/ais/eta'
import { imoCheckDigitValid } from '@porttrack/ais/imo'
import { vesselMmsiKind } from '@porttrack/ais/mmsi'
import { shipTypeCategory } from '@porttrack/ais/ship-type'
import type { Fix, Suspect } from './fix.ts'
import type { DeclaredEta, Dimensions, Target, TargetKind, TargetState } from './target.schema.ts'

/** All that is kept of a station; times in milliseconds since 1970. */
export type KnownTarget = {
  readonly mmsi: string
  readonly kind: TargetKind
  readonly stationClass: 'A' | 'B' | null
  readonly name: string | null
  readonly nameConfirmed: boolean
  /** A name heard once that differs from the confirmed one. */
  readonly nameCandidate: string | null
  readonly callSign: string | null
  /** Seven digits as declared, whether or not the check digit is right. */
  readonly imo: string | null
  readonly shipType: number | null
  readonly dimensions: Dimensions | null
  readonly draught: number | null
  readonly destination: string | null
  readonly eta: DeclaredEta | null
  /** Time of the newest static data. */
  readonly staticAt: number | null
  readonly fix: Fix | null
  readonly suspect: Suspect | null
  readonly receivedAt: number
}

/** An MMSI as text; the database keeps the number. */
export const mmsiText = (mmsi: number): string => String(mmsi).padStart(9, '0')

/** A station of which nothing has been heard yet. */
export const unknownTarget = (mmsi: string, kind: TargetKind): KnownTarget => ({
  mmsi,
  kind,
  stationClass: null,
  name: null,
  nameConfirmed: false,
  nameCandidate: null,
  callSign: null,
  imo: null,
  shipType: null,
  dimensions: null,
  draught: null,
  destination: null,
  eta: null,
  staticAt: null,
  fix: null,
  suspect: null,
  receivedAt: 0,
})

type Name = Pick<KnownTarget, 'name' | 'nameConfirmed' | 'nameCandidate'>

/**
 * The name after one more message. Two equal messages confirm it; until then the newest is shown. A
 * confirmed name gives way only when two messages agree on another.
 */
export const hearName = (
  { name, nameConfirmed, nameCandidate }: Name,
  heard: string | null,
): Name => {
  if (heard === null) return { name, nameConfirmed, nameCandidate }
  if (heard === name) return { name: heard, nameConfirmed: true, nameCandidate: null }
  if (!nameConfirmed) return { name: heard, nameConfirmed: false, nameCandidate: null }
  if (heard === nameCandidate) return { name: heard, nameConfirmed: true, nameCandidate: null }
  return { name, nameConfirmed, nameCandidate: heard }
}

/** The declared IMO number, when its check digit is right (IMO Res. A.1117(30)); else null. */
export const validImo = ({ imo }: Pick<KnownTarget, 'imo'>): string | null =>
  imo !== null && imoCheckDigitValid(imo) ? imo : null

/** Ages of the last message, in milliseconds, from which a target is STALE and LOST. */
export type StateRules = { staleAfter: number; lostAfter: number }

/** State by the time since the last message arrived. */
export const stateOf = (
  receivedAt: number,
  { now, rules }: { now: number; rules: StateRules },
): TargetState => {
  const age = now - receivedAt
  if (age >= rules.lostAfter) return 'LOST'
  return age >= rules.staleAfter ? 'STALE' : 'ACTIVE'
}

/** When the last message of targets in a state arrived: from, included, and to, excluded. */
export const arrivalsOf = (
  state: TargetState,
  { now, rules }: { now: number; rules: StateRules },
): { from: number | null; to: number | null } => {
  // A target is STALE at exactly `staleAfter`, so that arrival itself is no longer ACTIVE.
  const stale = now - rules.staleAfter + 1
  const lost = now - rules.lostAfter + 1
  if (state === 'ACTIVE') return { from: stale, to: null }
  return state === 'STALE' ? { from: lost, to: stale } : { from: null, to: lost }
}

/** A target as callers see it. */
export const describeTarget = (
  target: KnownTarget,
  clock: { now: number; rules: StateRules },
): Target => {
  const { fix, eta } = target
  const imo = validImo(target)
  const declared = eta === null || Object.values(eta).every((part) => part === null) ? null : eta
  const resolved = declared && resolveEta(declared, new Date(target.staticAt ?? target.receivedAt))
  return {
    mmsi: target.mmsi,
    mmsiKind: vesselMmsiKind(target.mmsi),
    kind: target.kind,
    stationClass: target.stationClass,
    state: stateOf(target.receivedAt, clock),
    name: target.name,
    nameConfirmed: target.nameConfirmed,
    callSign: target.callSign,
    imo,
    imoValid: target.imo === null ? null : imo !== null,
    shipType: target.shipType,
    category: shipTypeCategory(target.shipType),
    position: fix && { lat: fix.lat, lon: fix.lon },
    speed: fix?.speed ?? null,
    course: fix?.course ?? null,
    heading: fix?.heading ?? null,
    navigationStatus: fix?.status ?? null,
    dimensions: target.dimensions,
    draught: target.draught,
    destination: target.destination,
    declaredEta: declared,
    eta: resolved?.toISOString() ?? null,
    lastSeen: fix && new Date(fix.time).toISOString(),
    receivedAt: new Date(target.receivedAt).toISOString(),
  }
}
