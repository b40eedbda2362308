import type { ReceivedMessage } from './ais-decoder.ts'
import { resolveEta } from './eta.ts'
import type { AisMessage, Dimensions } from './message.ts'
import { navigationStatuses } from './navigation-status.ts'
import { shipTypeCategory } from './ship-type.ts'

/** One level deep: easy for `jq`, a spreadsheet or a column store. */
export type FlatMessage = Record<string, string | number | boolean | null>

/**
 * A message as one flat object. Every message has the keys from `type` to `eta`, null where the
 * type does not carry them; behind them come the further fields of its own type. Units are those
 * of `message.ts`; positions are rounded to 0.000001°, well under the resolution of AIS, and
 * `turn` to 0.001. `eta` is the declared arrival nearest after `time`, null without a `time`.
 */
export function toFlatMessage(received: ReceivedMessage): FlatMessage {
  const { message, time, source, channel, own } = received
  return {
    type: message.type,
    mmsi: message.mmsi,
    time: time === null ? null : new Date(time).toISOString(),
    source,
    channel,
    own,
    repeat: message.repeat,
    lat: null,
    lon: null,
    speed: null,
    course: null,
    heading: null,
    turn: null,
    status: null,
    statusText: null,
    imo: null,
    name: null,
    callSign: null,
    shipType: null,
    destination: null,
    draught: null,
    eta: null,
    ...flatFields(message, time),
  }
}

function flatFields(message: AisMessage, time: number | null): FlatMessage {
  switch (message.type) {
    case 1:
    case 2:
    case 3: {
      const { status, turn } = message
      return {
        ...position(message),
        ...movement(message),
        turn: rounded(turn, 1000),
        status,
        statusText: navigationStatuses[status] ?? null,
        fastTurn: message.fastTurn,
        specialManoeuvre: message.specialManoeuvre,
      }
    }
    case 4:
    case 11:
      return { ...position(message), utc: message.utc, fixType: message.fixType }
    case 5: {
      const { eta } = message
      const arrival = time === null ? null : resolveEta(eta, new Date(time))
      return {
        imo: message.imo,
        name: message.name,
        callSign: message.callSign,
        ...shipType(message.shipType),
        destination: message.destination,
        draught: message.draught,
        eta: arrival === null ? null : arrival.toISOString(),
        etaMonth: eta.month,
        etaDay: eta.day,
        etaHour: eta.hour,
        etaMinute: eta.minute,
        imoValid: message.imoValid,
        flagStateNumber: message.flagStateNumber,
        ...size(message.dimensions),
        fixType: message.fixType,
        dteReady: message.dteReady,
        aisVersion: message.aisVersion,
      }
    }
    case 18:
      return { ...position(message), ...movement(message) }
    case 19:
      return {
        ...position(message),
        ...movement(message),
        name: message.name,
        ...shipType(message.shipType),
        ...size(message.dimensions),
        fixType: message.fixType,
      }
    case 21:
      return {
        ...position(message),
        name: message.name,
        aidType: message.aidType,
        second: message.second,
        positioning: message.positioning,
        offPosition: message.offPosition,
        virtual: message.virtual,
        ...size(message.dimensions),
        fixType: message.fixType,
      }
    case 24:
      if (message.part === 'A') return { part: 'A', name: message.name }
      return {
        part: 'B',
        callSign: message.callSign,
        ...shipType(message.shipType),
        vendor: message.vendor,
        model: message.model,
        serial: message.serial,
        ...size(message.dimensions),
        motherShip: message.motherShip,
      }
    case 27:
      return {
        ...position(message),
        speed: message.speed,
        course: message.course,
        status: message.status,
        statusText: navigationStatuses[message.status] ?? null,
      }
    default:
      return message satisfies never
  }
}

function position(message: Extract<AisMessage, { lat: number | null }>): FlatMessage {
  return {
    lat: rounded(message.lat, 1e6),
    lon: rounded(message.lon, 1e6),
    accuracy: message.accuracy,
    raim: message.raim,
  }
}

function movement(message: Extract<AisMessage, { heading: number | null }>): FlatMessage {
  const { speed, course, heading, second, positioning } = message
  return { speed, course, heading, second, positioning }
}

function shipType(declared: number | null): FlatMessage {
  return { shipType: declared, shipCategory: shipTypeCategory(declared) }
}

function size(dimensions: Dimensions | null): FlatMessage {
  if (dimensions === null) return { bow: null, stern: null, port: null, starboard: null }
  const { bow, stern, port, starboard } = dimensions
  return { bow, stern, port, starboard }
}

function rounded(value: number | null, scale: number): number | null {
  return value === null ? null : Math.round(value * scale) / scale
}
