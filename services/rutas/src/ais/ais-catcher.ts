/** What may stand beside sentences: milliseconds since 1970, and the station that received them. */
export type Beside = { time: number | null; source: string | null }

/** Sentences of one AIS message, at most. */
const mostSentences = 9

/** Messages of one document, at most. */
export const mostMessages = 20_000

/**
 * The sentences of a message in AIS-catcher's JSON (`"nmea": [...]`, with `rxuxtime` in seconds or
 * `rxtime` as YYYYMMDDhhmmss in UTC). What AIS-catcher decoded itself is passed over.
 *
 * @returns null for what is no such message
 */
export const catcherSentences = (object: object): (Beside & { sentences: string[] }) | null => {
  const { nmea, rxuxtime, rxtime } = object as Record<string, unknown>
  if (!Array.isArray(nmea) || nmea.length < 1 || nmea.length > mostSentences) return null
  if (!nmea.every((each) => typeof each === 'string')) return null
  const time = timeOf(rxuxtime, rxtime)
  return time === 'bad' ? null : { sentences: nmea, time, source: null }
}

/**
 * The messages of a document as AIS-catcher posts it.
 *
 * @returns null for what is no such document
 */
export const catcherMessages = (
  document: unknown,
): { station: string | null; messages: unknown[] } | null => {
  if (typeof document !== 'object' || document === null) return null
  const { msgs, stationid } = document as Record<string, unknown>
  if (!Array.isArray(msgs) || msgs.length > mostMessages) return null
  if (stationid !== undefined && typeof stationid !== 'string') return null
  return { station: stationid || null, messages: msgs }
}

const timeOf = (unix: unknown, text: unknown): number | null | 'bad' => {
  if (unix !== undefined) {
    return typeof unix === 'number' && unix >= 0 && unix < 1e11 ? Math.round(unix * 1_000) : 'bad'
  }
  if (text === undefined) return null
  const parts =
    typeof text === 'string' ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text) : null
  if (!parts) return 'bad'
  const [, year, month, day, hour, minute, second] = parts
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const time = Date.parse(iso)
  // A day that does not exist would be read as one of the next month.
  return time >= 0 && new Date(time).toISOString() === iso ? time : 'bad'
}
