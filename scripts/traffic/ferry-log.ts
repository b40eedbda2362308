import { encodeSentences } from '@porttrack/ais/encode'
import { motionAt, planPassage } from './passage.ts'

const mmsi = '225098799'

const crossing = planPassage([
  { lat: 36.045, lon: -5.378, speed: 26 },
  { lat: 35.97, lon: -5.335, speed: 30 },
  { lat: 35.905, lon: -5.308, speed: 14 },
  { lat: 35.894, lon: -5.312, speed: 1 },
])

/**
 * A log as a receiver writes one, of a ferry's way to Ceuta that ended five minutes before the
 * given time (milliseconds since 1970): NMEA lines with station and time in TAG blocks.
 */
export function ferryLog(now: number): string {
  const start = Math.floor(now / 1000) * 1000 - (crossing.durationSeconds + 300) * 1000
  const lines: string[] = []
  for (let seconds = 0; seconds <= crossing.durationSeconds; seconds += 6) {
    const time = Math.round(start / 1000 + seconds) * 1000
    const station = { time, source: 'ceuta-1' }
    const { lat, lon, speed, course, heading } = motionAt(crossing, seconds)
    lines.push(
      ...encodeSentences(
        {
          type: 1,
          repeat: 0,
          mmsi,
          status: 0,
          lat,
          lon,
          speed,
          course,
          heading: Math.floor(heading),
          second: new Date(time).getUTCSeconds(),
          accuracy: true,
          raim: false,
          positioning: 'normal',
          turn: 0,
          fastTurn: null,
          specialManoeuvre: false,
        },
        station,
      ),
    )
    if (seconds % 360 === 0) lines.push(...staticData(seconds / 360, station))
  }
  return `${lines.join('\r\n')}\r\n`
}

function staticData(round: number, station: { time: number; source: string }): string[] {
  return encodeSentences(
    {
      type: 5,
      repeat: 0,
      mmsi,
      aisVersion: 2,
      imo: '9087659',
      imoValid: true,
      flagStateNumber: null,
      callSign: 'ECXZ9',
      name: 'CEUTA JET',
      shipType: 69,
      dimensions: { bow: 45, stern: 40, port: 13, starboard: 13 },
      fixType: 1,
      eta: { month: null, day: null, hour: null, minute: null },
      draught: 3.4,
      destination: 'ES CEU',
      dteReady: true,
    },
    { ...station, sequenceId: round % 10 },
  )
}
