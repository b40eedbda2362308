import { encodeSentences } from '@porttrack/ais/encode'
import type { AisMessage } from '@porttrack/ais/message'
import { sceneEntrySeconds, sceneShips, shipStateAt } from './fleet.ts'
import type { SceneShip, ShipState } from './fleet.ts'
import { metresPerDegree, pilotBoardingPlace, port } from './port.ts'
import { randomAt } from './random.ts'
import { turnBetween } from './passage.ts'

export interface SceneSentence {
  /** When it was received, ISO 8601 in UTC with milliseconds. */
  readonly time: string
  readonly sentence: string
  /** Name of the receiving station. */
  readonly source: string
}

export interface SceneOptions {
  /** Time of the scene's first second, milliseconds since 1970. */
  readonly start: number
  readonly durationSeconds: number
  /** Changes the small errors of positions and the seconds of reports, not what ships do. */
  readonly seed: number
  /** Seconds of the scene to begin at, so that part of it can be had. Default 0. */
  readonly fromSeconds?: number
  /** Puts time and source into each sentence, for a log that is replayed as plain lines. */
  readonly tagBlocks?: boolean
}

const source = 'algeciras-1'
const staticSeconds = 360
const baseStationSeconds = 10
const aidSeconds = 180

/**
 * The sample traffic as a receiver in Algeciras hears it, in the order of time.
 *
 * `start` is the first second of the scene; the scene is the same for the same start and seed, in
 * whatever pieces it is asked for, and goes on for ever: after `scenePeriodSeconds` it repeats with
 * each ship where she was, or back after long enough an absence to have come from sea.
 */
export function* sceneSentences(options: SceneOptions): Generator<SceneSentence> {
  const from = options.fromSeconds ?? 0
  const until = from + options.durationSeconds
  for (const { at, message } of inOrder(stations(options, from))) {
    if (at >= until) return
    const time = options.start + Math.round(at * 1000)
    const sentences = encodeSentences(message, {
      channel: Math.floor(at) % 2 === 0 ? 'A' : 'B',
      sequenceId: Math.floor(at) % 10,
      ...(options.tagBlocks === true ? { time, source } : {}),
    })
    for (const sentence of sentences) yield { time: new Date(time).toISOString(), sentence, source }
  }
}

/** A scene whose ships have been sailing for a while by the given time, milliseconds since 1970. */
export function sceneStartFor(now: number): number {
  return now - sceneEntrySeconds * 1000
}

interface Report {
  /** Seconds of the scene. */
  readonly at: number
  readonly message: AisMessage
}

interface Clock {
  readonly start: number
  readonly seed: number
}

function stations(clock: Clock, from: number): Iterator<Report>[] {
  return [
    ...sceneShips.flatMap((ship) => [positions(ship, clock, from), statics(ship, clock, from)]),
    baseStation(clock, from),
    ...aids.map((aid) => aidReports(aid, clock, from)),
  ]
}

/** Merges reports that are each in order. */
function* inOrder(sources: readonly Iterator<Report>[]): Generator<Report> {
  const heads = sources.map((reports) => ({ reports, next: reports.next() }))
  for (;;) {
    let earliest: (typeof heads)[number] | undefined
    for (const head of heads) {
      if (head.next.done === true) continue
      if (earliest?.next.done !== false || head.next.value.at < earliest.next.value.at) {
        earliest = head
      }
    }
    if (earliest?.next.done !== false) return
    yield earliest.next.value
    earliest.next = earliest.reports.next()
  }
}

/**
 * A station at rest reports once in so many seconds. Reports are planned anew in each such slot,
 * so that what a slot holds does not depend on where the scene was entered.
 */
const slotSeconds = 180

function* positions(ship: SceneShip, clock: Clock, from: number): Generator<Report> {
  for (let slot = Math.floor(from / slotSeconds); ; slot++) {
    const end = (slot + 1) * slotSeconds
    const random = randomAt(clock.seed, `${ship.vessel.mmsi} slot ${slot}`)
    let at = slot * slotSeconds + random.between(0, 2)
    while (at < end) {
      const state = shipStateAt(ship, at)
      if (state === undefined) {
        at += 1
        continue
      }
      if (at >= from) yield { at, message: positionReport(ship, state, { at, clock }) }
      if (state.movementEnds === undefined) {
        // At rest once a slot is enough, unless she gets under way.
        do at += 5
        while (at < end && shipStateAt(ship, at)?.movementEnds === undefined)
      } else {
        at += reportInterval(ship, state, at)
      }
    }
  }
}

/** Seconds to the next position of a station under way (ITU-R M.1371-5, table 1). */
function reportInterval(ship: SceneShip, state: ShipState, at: number): number {
  if (ship.vessel.stationClass === 'B') return state.speed > 2 ? 30 : slotSeconds
  const turning = Math.abs(turnRate(ship, state, at)) > 10
  if (state.speed <= 14) return turning ? 10 / 3 : 10
  if (state.speed <= 23) return turning ? 2 : 6
  return 2
}

/** Degrees a minute, to starboard positive. */
function turnRate(ship: SceneShip, state: ShipState, at: number): number {
  const later = shipStateAt(ship, at + 5)
  if (later === undefined) return 0
  return turnBetween(state.heading, later.heading) * 12
}

function positionReport(
  ship: SceneShip,
  state: ShipState,
  { at, clock }: { at: number; clock: Clock },
): AisMessage {
  const { mmsi, stationClass } = ship.vessel
  const random = randomAt(clock.seed, `${mmsi} ${at.toFixed(3)}`)
  const moving = state.movementEnds !== undefined
  const measured = {
    repeat: 0,
    mmsi,
    lat: state.lat + (random.around() * 1.5) / metresPerDegree.lat,
    lon: state.lon + (random.around() * 1.5) / metresPerDegree.lon,
    accuracy: true,
    raim: false,
    speed: moving ? Math.max(0.1, state.speed + random.around() * 0.1) : random.between(0, 0.1),
    // The course of a ship that does not move is whatever the receiver makes of its own error.
    course: moving ? compass(state.course + random.around()) : random.between(0, 359.9),
    heading: Math.floor(compass(state.heading + swing(state, at))),
    second: new Date(clock.start + Math.round(at * 1000)).getUTCSeconds(),
    positioning: 'normal',
  } as const
  if (stationClass === 'B') return { type: 18, ...measured }
  return {
    type: moving ? 1 : 3,
    ...measured,
    status: state.status,
    turn: moving ? turnRate(ship, state, at) : 0,
    fastTurn: null,
    specialManoeuvre: false,
  }
}

/** An anchored ship's bow wanders; a moored one's does not. */
function swing(state: ShipState, at: number): number {
  return state.status === 1 ? 12 * Math.sin(at / 700) : 0
}

function* statics(ship: SceneShip, clock: Clock, from: number): Generator<Report> {
  const { mmsi, stationClass } = ship.vessel
  for (let round = Math.floor(from / staticSeconds); ; round++) {
    const random = randomAt(clock.seed, `${mmsi} static ${round}`)
    const at = round * staticSeconds + (Number(mmsi) % 331) + random.between(0, 5)
    const state = shipStateAt(ship, at)
    if (state === undefined || at < from) continue
    const messages = stationClass === 'A' ? [voyageData(ship, state, clock)] : classBStatics(ship)
    for (const message of messages) yield { at, message }
  }
}

function voyageData({ vessel }: SceneShip, state: ShipState, clock: Clock): AisMessage {
  const inbound = state.destination === 'ES ALG' && state.movementEnds !== undefined
  const eta = inbound ? new Date(clock.start + (state.movementEnds ?? 0) * 1000) : undefined
  return {
    type: 5,
    repeat: 0,
    mmsi: vessel.mmsi,
    aisVersion: 2,
    imo: vessel.imo,
    imoValid: vessel.imo === null ? null : true,
    flagStateNumber: null,
    callSign: vessel.callSign,
    name: vessel.name,
    shipType: vessel.shipType,
    dimensions: dimensions(vessel),
    fixType: 1,
    eta: {
      month: eta === undefined ? null : eta.getUTCMonth() + 1,
      day: eta?.getUTCDate() ?? null,
      hour: eta?.getUTCHours() ?? null,
      minute: eta?.getUTCMinutes() ?? null,
    },
    draught: vessel.draughtMetres,
    destination: state.destination,
    dteReady: true,
  }
}

function classBStatics({ vessel }: SceneShip): AisMessage[] {
  const header = { type: 24, repeat: 0, mmsi: vessel.mmsi } as const
  return [
    { ...header, part: 'A', name: vessel.name },
    {
      ...header,
      part: 'B',
      shipType: vessel.shipType,
      vendor: 'PTK',
      model: 1,
      serial: 1071,
      callSign: vessel.callSign,
      dimensions: dimensions(vessel),
      motherShip: null,
    },
  ]
}

/** The antenna stands over the middle of the ship, so that a place means her middle. */
function dimensions({ lengthMetres, beamMetres }: SceneShip['vessel']) {
  const bow = Math.floor(lengthMetres / 2)
  const toPort = Math.floor(beamMetres / 2)
  return { bow, stern: lengthMetres - bow, port: toPort, starboard: beamMetres - toPort }
}

function* baseStation(clock: Clock, from: number): Generator<Report> {
  for (
    let at = Math.ceil(from / baseStationSeconds) * baseStationSeconds;
    ;
    at += baseStationSeconds
  ) {
    const utc = new Date(clock.start + at * 1000)
    utc.setUTCMilliseconds(0)
    yield {
      at,
      message: {
        type: 4,
        repeat: 0,
        mmsi: '002249801',
        ...port.station,
        accuracy: true,
        raim: false,
        utc: utc.toISOString(),
        fixType: 7,
      },
    }
  }
}

const aids = [
  { mmsi: '992249801', name: 'CARNERO FAIRWAY', lat: 36.069, lon: -5.398, virtual: false },
  { mmsi: '992249802', name: 'PILOT STATION', ...pilotBoardingPlace, virtual: true },
] as const

function* aidReports(aid: (typeof aids)[number], clock: Clock, from: number): Generator<Report> {
  const offset = Number(aid.mmsi) % aidSeconds
  for (let at = offset; ; at += aidSeconds) {
    if (at < from) continue
    const random = randomAt(clock.seed, `${aid.mmsi} ${at}`)
    const sway = aid.virtual ? 0 : 4 / metresPerDegree.lat
    yield {
      at,
      message: {
        type: 21,
        repeat: 0,
        mmsi: aid.mmsi,
        aidType: aid.virtual ? 1 : 20,
        name: aid.name,
        lat: aid.lat + random.around() * sway,
        lon: aid.lon + random.around() * sway,
        accuracy: true,
        raim: false,
        dimensions: aid.virtual ? null : { bow: 2, stern: 2, port: 2, starboard: 2 },
        fixType: aid.virtual ? null : 1,
        second: aid.virtual ? null : new Date(clock.start + at * 1000).getUTCSeconds(),
        positioning: aid.virtual ? 'manual' : 'normal',
        offPosition: false,
        virtual: aid.virtual,
      },
    }
  }
}

function compass(degrees: number): number {
  return ((degrees % 360) + 360) % 360
}
