import { encodeSentences } from '@porttrack/ais/encode'

/**
 * NMEA lines with TAG blocks: position reports of `ships` ships in turn, each going straight on at 12
 * knots and reporting every 10 s of its own time. Their MMSIs begin with `firstMmsi`: a ship that came
 * from two of these would jump.
 */
export function* positionReports(
  count: number,
  ships: number,
  firstMmsi = 224_000_000,
): Generator<string> {
  const start = Date.now() - Math.ceil(count / ships) * 10_000
  for (let n = 0; n < count; n++) {
    const ship = n % ships
    const step = Math.floor(n / ships)
    const time = start + step * 10_000 + Math.floor((ship / ships) * 10_000)
    const [line = ''] = encodeSentences(
      {
        type: 1,
        repeat: 0,
        mmsi: String(firstMmsi + ship),
        status: 0,
        turn: null,
        fastTurn: null,
        speed: 12,
        accuracy: true,
        lat: -60 + (ship % 1_000) * 0.12 + step * 0.000_55,
        lon: -170 + (ship / ships) * 340,
        course: 0,
        heading: 0,
        second: new Date(time).getUTCSeconds(),
        positioning: 'normal',
        specialManoeuvre: null,
        raim: false,
      },
      { time, source: 'bench' },
    )
    yield line
  }
}
