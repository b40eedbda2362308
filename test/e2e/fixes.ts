import { encodeSentences } from '@porttrack/ais/encode'
import type { ClassAPosition } from '@porttrack/ais/message'

type Fix = { mmsi: string; lat: number; lon: number; speed?: number; course?: number; time: number }

/** One position report as a line of the ingest's NDJSON; `time` in milliseconds since 1970. */
export const fixLine = ({ mmsi, lat, lon, speed = 10, course = 90, time }: Fix): string => {
  const report: ClassAPosition = {
    type: 1,
    repeat: 0,
    mmsi,
    status: 0,
    turn: null,
    fastTurn: null,
    speed,
    accuracy: true,
    lon,
    lat,
    course,
    heading: null,
    second: new Date(time).getUTCSeconds(),
    positioning: 'normal',
    specialManoeuvre: null,
    raim: false,
  }
  const [sentence = ''] = encodeSentences(report)
  return JSON.stringify({ sentence, time: new Date(time).toISOString(), source: 'e2e' })
}
