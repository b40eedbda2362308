import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KnownTarget } from '../targets/target.ts'

/** Ships that are written before others get their turn. */
const atOnce = 1_000

/**
 * JSON (`LivePosition[]`) of where ships are that have moved: the last fix of each. Written by hand,
 * since it is made of every position that comes in, where `JSON.stringify` of objects made for it
 * takes as long as all else that is done with a position. Degrees are rounded to six digits, which is
 * finer than AIS tells.
 */
export const positionsText = async (
  before: { get: (mmsi: string) => KnownTarget | undefined },
  after: ReadonlyMap<string, KnownTarget>,
): Promise<string> => {
  let text = ''
  let untilTurn = atOnce
  for (const target of after.values()) {
    const { fix } = target
    untilTurn -= 1
    if (untilTurn === 0) {
      await nextTurn()
      untilTurn = atOnce
    }
    // A fix that has not changed is the same object.
    if (!fix || fix === before.get(target.mmsi)?.fix) continue
    const name = target.name === null ? 'null' : JSON.stringify(target.name)
    text += `${text === '' ? '' : ','}{"mmsi":"${target.mmsi}","kind":"${target.kind}","name":${name},"shipType":${target.shipType},"position":{"lat":${degrees(fix.lat)},"lon":${degrees(fix.lon)}},"speed":${fix.speed},"course":${fix.course},"heading":${fix.heading},"navigationStatus":${fix.status},"time":"${isoTime(fix.time)}"}`
  }
  return `[${text}]`
}

const degrees = (value: number): number => Math.round(value * 1e6) / 1e6

let minute = Number.NaN
let minuteText = ''

/** RFC 3339 to the millisecond; the fixes of one group are mostly of the same minute. */
const isoTime = (time: number): string => {
  const own = Math.floor(time / 60_000)
  if (own !== minute) {
    minute = own
    minuteText = new Date(own * 60_000).toISOString().slice(0, 17)
  }
  const rest = time - own * 60_000
  const seconds = Math.floor(rest / 1_000)
  const milliseconds = rest - seconds * 1_000
  return `${minuteText}${seconds < 10 ? '0' : ''}${seconds}.${String(milliseconds).padStart(3, '0')}Z`
}
