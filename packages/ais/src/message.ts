/**
 * Distances in metres from the position's reference point to the ship's ends and sides, as typed
 * in by hand. 511 (bow, stern) and 63 (port, starboard) mean that or more. Bow and port at 0 with
 * stern and starboard given: the reference point is not known, the size is (ITU-R M.1371-5).
 */
export interface Dimensions {
  readonly bow: number
  readonly stern: number
  readonly port: number
  readonly starboard: number
}

/** Estimated time of arrival in UTC as typed in by hand; it has no year. Null is not available. */
export interface Eta {
  /** 1 to 12. */
  readonly month: number | null
  /** 1 to 31. */
  readonly day: number | null
  /** 0 to 23. */
  readonly hour: number | null
  /** 0 to 59. */
  readonly minute: number | null
}

/** How the position was found, which the time stamp field tells with its values 61 to 63. */
export type Positioning = 'normal' | 'manual' | 'dead-reckoning' | 'inoperative'

interface Header {
  /** Times the message was repeated, 0 to 3; 3 also means not to be repeated. */
  readonly repeat: number
  /** Nine digits, padded with zeros. Of any form: see `mmsi.ts`. */
  readonly mmsi: string
}

interface Position {
  /** Degrees, -90 to 90. */
  readonly lat: number | null
  /** Degrees, -180 to 180. */
  readonly lon: number | null
  /** True when the position is good to 10 m. */
  readonly accuracy: boolean
  /** True when the receiver checks its own integrity (RAIM). */
  readonly raim: boolean
}

interface Movement extends Position {
  /** Speed over ground in knots, 0 to 102.2; 102.2 means that or more. */
  readonly speed: number | null
  /** Course over ground in degrees, 0 up to 360. */
  readonly course: number | null
  /** True heading in degrees, 0 to 359. */
  readonly heading: number | null
  /** Second of the minute in UTC at which the position was taken, 0 to 59. */
  readonly second: number | null
  readonly positioning: Positioning
}

/** Types 1, 2 and 3: position of a class A station. */
export interface ClassAPosition extends Header, Movement {
  readonly type: 1 | 2 | 3
  /** Navigational status 0 to 15 as set by hand: see `navigation-status.ts`. 15 is not defined. */
  readonly status: number
  /**
   * Degrees a minute, to starboard positive. 708.7 in either direction means that or more. Null
   * when there is no rate: then `fastTurn` may still tell a direction.
   */
  readonly turn: number | null
  /** Turning at more than 5° in 30 s, from a ship without a turn indicator (field value ±127). */
  readonly fastTurn: 'port' | 'starboard' | null
  readonly specialManoeuvre: boolean | null
}

/** Types 4 and 11: time and position of a base station, or of a ship that was asked. */
export interface UtcReport extends Header, Position {
  readonly type: 4 | 11
  /** The station's own clock, ISO 8601 in UTC to the second. */
  readonly utc: string | null
  /** Positioning device 1 to 15 (ITU-R M.1371-5, table 48). */
  readonly fixType: number | null
}

/** Type 5: static and voyage data of a class A station. */
export interface VoyageData extends Header {
  readonly type: 5
  /** Edition of the standard that the station follows, 0 to 3. */
  readonly aisVersion: number
  /** Seven digits. Not refused when the check digit is wrong: `imoValid` tells. */
  readonly imo: string | null
  readonly imoValid: boolean | null
  /** Given instead of an IMO number, from 10,000,000 on (ITU-R M.1371-5, table 52). */
  readonly flagStateNumber: string | null
  readonly callSign: string | null
  readonly name: string | null
  /** 1 to 255: see `ship-type.ts`. */
  readonly shipType: number | null
  readonly dimensions: Dimensions | null
  readonly fixType: number | null
  readonly eta: Eta
  /** Metres, 0.1 to 25.5; 25.5 means that or more. */
  readonly draught: number | null
  readonly destination: string | null
  /** Whether the ship's data terminal is ready; null in messages cut short before this bit. */
  readonly dteReady: boolean | null
}

/** Type 18: position of a class B station. */
export interface ClassBPosition extends Header, Movement {
  readonly type: 18
}

/** Type 19: position and static data of a class B station. */
export interface ExtendedClassBPosition extends Header, Movement {
  readonly type: 19
  readonly name: string | null
  readonly shipType: number | null
  readonly dimensions: Dimensions | null
  readonly fixType: number | null
}

/** Type 21: aid to navigation. */
export interface AidToNavigation extends Header, Position {
  readonly type: 21
  /** Kind of aid, 1 to 31 (ITU-R M.1371-5, table 74). */
  readonly aidType: number | null
  /** Up to 34 characters. */
  readonly name: string | null
  readonly dimensions: Dimensions | null
  readonly fixType: number | null
  readonly second: number | null
  readonly positioning: Positioning
  /** A floating aid out of its place; means something only when `second` is given. */
  readonly offPosition: boolean
  /** True when there is no aid in the water, only this message. */
  readonly virtual: boolean
}

/** Type 24 part A: name of a class B station. */
export interface StaticDataPartA extends Header {
  readonly type: 24
  readonly part: 'A'
  readonly name: string | null
}

/** Type 24 part B: the other static data of a class B station. */
export interface StaticDataPartB extends Header {
  readonly type: 24
  readonly part: 'B'
  readonly shipType: number | null
  /** Maker of the station, up to three characters. */
  readonly vendor: string | null
  /** 0 to 15. */
  readonly model: number
  /** 0 to 1,048,575. */
  readonly serial: number
  readonly callSign: string | null
  /** Always null in a craft of a parent ship (MMSI 98…), which has `motherShip` instead. */
  readonly dimensions: Dimensions | null
  /** MMSI of the parent ship, nine digits. */
  readonly motherShip: string | null
}

/** Type 27: position for reception by satellite, to a tenth of a minute and a whole knot. */
export interface LongRangePosition extends Header, Position {
  readonly type: 27
  readonly status: number
  /** Knots, 0 to 62. */
  readonly speed: number | null
  /** Degrees, 0 to 359. */
  readonly course: number | null
}

/** What can be decoded and encoded. Null always means not available. */
export type AisMessage =
  | ClassAPosition
  | UtcReport
  | VoyageData
  | ClassBPosition
  | ExtendedClassBPosition
  | AidToNavigation
  | StaticDataPartA
  | StaticDataPartB
  | LongRangePosition

export type AisMessageType = AisMessage['type']
