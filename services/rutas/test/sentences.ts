import { encodeSentences, type SentenceOptions } from '@porttrack/ais/encode'
import type { ClassAPosition, VoyageData } from '@porttrack/ais/message'

/** A class A position report; what is not given is plain. */
const report = (given: Partial<ClassAPosition> & { mmsi: string }): ClassAPosition => ({
  type: 1,
  repeat: 0,
  status: 0,
  turn: 0,
  fastTurn: null,
  speed: 10,
  accuracy: true,
  raim: false,
  lat: 36,
  lon: -5,
  course: 90,
  heading: 90,
  second: 0,
  positioning: 'normal',
  specialManoeuvre: false,
  ...given,
})

/** Static and voyage data; two sentences. */
export const voyage = (given: Partial<VoyageData> & { mmsi: string }): VoyageData => ({
  type: 5,
  repeat: 0,
  aisVersion: 0,
  imo: '9074729',
  imoValid: true,
  flagStateNumber: null,
  callSign: 'ABCD',
  name: 'TEST SHIP',
  shipType: 70,
  dimensions: { bow: 100, stern: 50, port: 10, starboard: 15 },
  fixType: 1,
  eta: { month: 3, day: 4, hour: 5, minute: 6 },
  draught: 8.5,
  destination: 'ALGECIRAS',
  dteReady: true,
  ...given,
})

/** The sentence of a report, with a TAG block when a time or a source is given. */
export const sentence = (
  given: Partial<ClassAPosition> & { mmsi: string },
  options: SentenceOptions = {},
): string => encodeSentences(report(given), options).join('\n')

/** Reports of one ship on a straight way, one each `everySeconds`. */
export const passage = ({
  mmsi,
  from,
  to,
  begin,
  count,
  everySeconds = 10,
  speed = 10,
}: {
  mmsi: string
  from: { lat: number; lon: number }
  to: { lat: number; lon: number }
  begin: number
  count: number
  everySeconds?: number
  speed?: number
}): string[] =>
  Array.from({ length: count }, (_, n) => {
    const share = count === 1 ? 0 : n / (count - 1)
    const lat = from.lat + share * (to.lat - from.lat)
    const lon = from.lon + share * (to.lon - from.lon)
    return sentence({ mmsi, lat, lon, speed }, { time: begin + n * everySeconds * 1_000 })
  })
