import type { TargetKind } from '../targets/target.schema.ts'
import { type KnownTarget, mmsiText, unknownTarget } from '../targets/target.ts'
import type { Presence } from '../zones/presence.ts'

/** A station's target, null while none is known, and the ship's stays in zones. */
export type Station = { target: KnownTarget | null; presences: readonly Presence[] }

/** A target while messages are taken. */
export type Draft = { -readonly [K in keyof KnownTarget]: KnownTarget[K] }

/** A station of a group of messages: as it was before them, and as the messages leave it. */
export class HeardStation {
  readonly mmsi: number
  /**
   * What is remembered: it changes when the group has been prepared. Should that not be written, all
   * that is remembered is dropped.
   */
  readonly station: Station
  /** Null for a station that has not been heard before. */
  readonly before: KnownTarget | null
  presences: readonly Presence[]
  #draft: Draft | null = null

  constructor(mmsi: number, station: Station) {
    this.mmsi = mmsi
    this.station = station
    this.before = station.target
    this.presences = station.presences
  }

  /** As the messages leave it; null where none of them could be decoded. */
  get target(): KnownTarget | null {
    return this.#draft
  }

  get staysChanged(): boolean {
    return this.presences !== this.station.presences
  }

  /** The group's own copy, to be changed; `kind` is that of a station which was not known. */
  draft(kind: TargetKind): Draft {
    this.#draft ??= this.before ? copyOf(this.before) : unknownTarget(mmsiText(this.mmsi), kind)
    return this.#draft
  }

  /** Puts what the messages have left in the place of what was remembered. */
  remember(): void {
    if (!this.#draft) return
    this.station.target = this.#draft
    this.station.presences = this.presences
  }
}

// Written out, since copies of one form cost a third of what `{ ...target }` of several does.
export const copyOf = (target: KnownTarget): Draft => ({
  mmsi: target.mmsi,
  kind: target.kind,
  stationClass: target.stationClass,
  name: target.name,
  nameConfirmed: target.nameConfirmed,
  nameCandidate: target.nameCandidate,
  callSign: target.callSign,
  imo: target.imo,
  shipType: target.shipType,
  dimensions: target.dimensions,
  draught: target.draught,
  destination: target.destination,
  eta: target.eta,
  staticAt: target.staticAt,
  fix: target.fix,
  suspect: target.suspect,
  receivedAt: target.receivedAt,
})
