import { createAssembler, type DroppedMessage } from '@porttrack/ais/assembler'
import { payloadSender } from '@porttrack/ais/decode'
import { createLineReader } from '@porttrack/ais/reader'
import { type RejectionReason as CodecReason, rejectionKinds } from '@porttrack/ais/rejection'
import { type Fragment, type Line, parseLine } from '@porttrack/ais/sentence'
import type { Language, Text } from '@porttrack/shared/http/language'
import { type Beside, catcherMessages, catcherSentences } from './ais-catcher.ts'
import { MarineCadastreRows } from './marine-cadastre.ts'
import { readTime } from './read-time.ts'

/**
 * How AIS is written: NMEA sentences one a line, JSON objects one a line that hold sentences, either
 * of both line by line, one JSON document as AIS-catcher posts it, or MarineCadastre's CSV.
 */
export type FeedFormat = 'nmea' | 'ndjson' | 'lines' | 'json' | 'csv'

/** A document is none of its format: there is no message in it to be told of. */
export class DocumentMalformedError extends Error {
  readonly detail: Text

  constructor(detail: Text) {
    super(detail.en)
    this.detail = detail
  }
}

/** An AIS message as it came in; decoded when it is its turn, since decoded it takes more room. */
export type IncomingMessage = {
  /** Armoured, all fragments joined. */
  readonly payload: string
  readonly fillBits: number
  /** 1 to 27. */
  readonly type: number
  /** MMSI of the sender; null for a type that is not decoded. */
  readonly mmsi: number | null
  /** Milliseconds since 1970: its own time, or that of its arrival. */
  readonly time: number
  readonly ownTime: boolean
  readonly arrival: number
  /** Station that received it; printable ASCII. */
  readonly source: string | null
}

/** Reasons of this service, beside the codec's. */
const ownReasons = {
  'bad-json': {
    en: 'neither a JSON object with a text `sentence`, and `time` and `source` if at all, nor one of AIS-catcher',
    es: 'no es un objeto JSON con un texto `sentence` y, si acaso, `time` y `source`, ni uno de AIS-catcher',
  },
  'bad-row': {
    en: 'no row of the CSV with an MMSI of nine digits, a time, a position, and numbers where they belong',
    es: 'no es una fila del CSV con un MMSI de nueve cifras, una hora, una posición y números donde corresponden',
  },
  'bad-time': {
    en: 'the time is no RFC 3339 time, or more than a day in the future',
    es: 'la hora no es de RFC 3339, o está más de un día en el futuro',
  },
  'too-old': {
    en: 'the time lies before the days for which tracks are kept',
    es: 'la hora es anterior a los días de los que se guardan trazas',
  },
  'bad-source': {
    en: 'the source is not 1 to 64 printable ASCII characters',
    es: 'la fuente no tiene de 1 a 64 caracteres ASCII imprimibles',
  },
} as const satisfies Record<string, Text>

export type RejectionReason = CodecReason | keyof typeof ownReasons

/** Why a line or a message was rejected, in words. */
export const describeRejection = (reason: RejectionReason, language: Language): string => {
  const text =
    reason in ownReasons
      ? ownReasons[reason as keyof typeof ownReasons]
      : rejectionKinds[reason as CodecReason].text
  return text[language]
}

/** A time of its own that lies further ahead than this is a clock gone wrong, in milliseconds. */
const furthestAhead = 86_400_000

const dayMilliseconds = 86_400_000

/** Milliseconds that a message waits for its other parts, across requests too. */
export const partsWait = 30_000

/** Longest payload kept, in characters: five slots, the most a message takes, are 178. */
const longestPayload = 256

/** Bits of the shortest message that says who sends it: type, repeat indicator, MMSI. */
const leastBits = 38

export type IntakeHandlers = {
  onMessage: (message: IncomingMessage) => void
  /** `line` is null for what was left over from an earlier request. */
  onRejected: (reason: RejectionReason, line: number | null) => void
  /** A line that is no AIS: blank, a comment, a sentence of another kind. */
  onIgnored: () => void
}

export type Intake = {
  /**
   * Takes the next bytes; `now` is their arrival in milliseconds since 1970, `station` who sent them,
   * where that is known, for messages that do not name a station.
   */
  push: (chunk: Uint8Array, now: number, station?: string | null) => void
  /** Takes the last line, if no newline ended it. */
  end: (now: number) => void
  /** The parts that wait: of this intake, and by place in `restored` those of an earlier one. */
  waiting: () => { parts: Fragment[]; restored: ReadonlySet<number> }
}

/**
 * From bytes to messages: lines, sentences, parts joined, payloads checked. Never throws on lines; a document that is none throws DocumentMalformedError.
 * The time of a message is that of its TAG block, else the one given beside the sentence, else that
 * of its arrival. What is well formed and of a type that is not decoded is handed on as it is.
 *
 * @param keepDays days for which messages are kept; older ones are rejected
 * @param restored parts that waited at the end of an earlier request of the same sender
 */
export const createIntake = (
  {
    format,
    restored,
    now,
    keepDays,
  }: { format: FeedFormat; restored: readonly Fragment[]; now: number; keepDays: number },
  { onMessage, onRejected, onIgnored }: IntakeHandlers,
): Intake => {
  const assembler = createAssembler({ timeoutMs: partsWait })
  let arrival = now
  let sender: Beside | null = null
  const document: Uint8Array[] = []
  let rows: MarineCadastreRows | null = null

  const refuse = (reason: RejectionReason, line: number): void => {
    if (reason in rejectionKinds && rejectionKinds[reason as CodecReason].ignored) onIgnored()
    else onRejected(reason, line > 0 ? line : null)
  }
  const takeDropped = (dropped: readonly DroppedMessage[]): void => {
    for (const { reason, lineNumber } of dropped) refuse(reason, lineNumber)
  }

  const faultOfTime = (time: number): RejectionReason | null => {
    if (time > arrival + furthestAhead) return 'bad-time'
    return time < arrival - keepDays * dayMilliseconds ? 'too-old' : null
  }

  const takeSentence = (sentence: Line, beside: Beside | null): void => {
    const parsed = parseLine(sentence)
    const line = sentence.number
    if (!parsed.ok) return refuse(parsed.reason, line)
    const time = parsed.time ?? beside?.time ?? null
    const ofTime = time === null ? null : faultOfTime(time)
    if (ofTime !== null) return refuse(ofTime, line)

    // A part that names a group has the source of the group's first part.
    const own = parsed.source !== null || parsed.groupId !== null
    const fragment = beside
      ? { ...parsed, time, source: own ? parsed.source : beside.source }
      : parsed
    const { message, dropped } = assembler.add(fragment, arrival)
    takeDropped(dropped)
    if (!message) return
    const { payload, fillBits } = message
    const type = typeOf(payload)
    const mmsi = payloadSender(payload, fillBits)
    if (typeof mmsi !== 'number') {
      const fault = mmsi.reason === 'unsupported-type' ? rawFault(message) : mmsi.reason
      if (fault !== null) return refuse(fault, line)
    }
    onMessage({
      payload,
      fillBits,
      type,
      mmsi: typeof mmsi === 'number' ? mmsi : null,
      time: message.time ?? arrival,
      ownTime: message.time !== null,
      arrival,
      source: message.source !== null && printable.test(message.source) ? message.source : null,
    })
  }

  const takeLine = (given: Line): void => {
    const { text: whole, start, end, number: line } = given
    const isObject = end > start && whole.charAt(start) === '{'
    if (format === 'nmea' || (format === 'lines' && !isObject)) return takeSentence(given, sender)
    const text = whole.slice(start, end)
    if (text.trim() === '') return onIgnored()
    if (format === 'csv') return takeRow(text, line)
    takeObject(readJson(Buffer.from(text, 'latin1')), line)
  }

  const takeObject = (object: unknown, line: number): void => {
    const read = readObject(object)
    if (typeof read === 'string') return refuse(read, line)
    const { sentences, time, source } = read
    const beside = { time, source: source ?? sender?.source ?? null }
    for (const text of sentences) {
      takeSentence({ text, start: 0, end: text.length, number: line }, beside)
    }
  }

  const takeRow = (text: string, line: number): void => {
    if (rows === null) {
      rows = readHead(text)
      return onIgnored()
    }
    const row = rows.read(text)
    if (typeof row === 'string') return refuse(row, line)
    const { time, payloads } = row
    const fault = faultOfTime(time)
    if (fault !== null) return refuse(fault, line)
    for (const payload of payloads) {
      onMessage({ ...payload, time, ownTime: true, arrival, source: null })
    }
  }

  const takeDocument = (): void => {
    const read = catcherMessages(readJson(Buffer.concat(document)))
    if (read === null) throw new DocumentMalformedError(noCatcherDocument)
    sender = { time: null, source: read.station }
    for (const [n, message] of read.messages.entries()) takeObject(message, n + 1)
  }

  // Those of an earlier request carry line numbers below one: their place in `restored`.
  for (const [place, part] of restored.entries()) {
    takeDropped(assembler.add({ ...part, lineNumber: -place }, now).dropped)
  }
  const reader = createLineReader({
    onLine: takeLine,
    onTooLong: (line) => refuse('line-too-long', line),
  })

  return {
    push: (chunk, at, station = null) => {
      arrival = at
      sender = station === null ? null : { time: null, source: station }
      if (format === 'json') document.push(chunk)
      else reader.push(chunk)
    },
    end: (at) => {
      arrival = at
      if (format === 'json') takeDocument()
      else reader.end()
    },
    waiting: () => {
      takeDropped(assembler.expire(arrival))
      const all = assembler.waiting()
      return {
        parts: all.filter(({ lineNumber }) => lineNumber > 0),
        restored: new Set(all.flatMap(({ lineNumber }) => (lineNumber > 0 ? [] : [-lineNumber]))),
      }
    },
  }
}

const noCatcherDocument: Text = {
  en: 'is no JSON object with msgs, as AIS-catcher posts it',
  es: 'no es un objeto JSON con msgs, como los envía AIS-catcher',
}

const noMarineCadastre: Text = {
  en: 'does not begin with the head of MarineCadastre: MMSI, BaseDateTime, LAT, LON and its other columns',
  es: 'no empieza con la cabecera de MarineCadastre: MMSI, BaseDateTime, LAT, LON y sus otras columnas',
}

/** @throws DocumentMalformedError */
const readHead = (text: string): MarineCadastreRows => {
  try {
    return new MarineCadastreRows(text)
  } catch {
    throw new DocumentMalformedError(noMarineCadastre)
  }
}

const printable = /^[\x20-\x7e]{1,64}$/

/** The message type: the first six bits of a payload whose armour has been checked. */
const typeOf = (payload: string): number => {
  const code = payload.charCodeAt(0)
  return code < 96 ? code - 48 : code - 56
}

type Whole = { payload: string; fillBits: number }

/** What is wrong with a message that is stored without being decoded; null when nothing is. */
const rawFault = ({ payload, fillBits }: Whole): CodecReason | null => {
  const type = typeOf(payload)
  if (type < 1 || type > 27) return 'unsupported-type'
  if (payload.length > longestPayload) return 'oversized-message'
  return payload.length * 6 - fillBits < leastBits ? 'bad-length' : null
}

/** The value of JSON; undefined when it is none. */
const readJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

const readObject = (object: unknown): (Beside & { sentences: string[] }) | RejectionReason => {
  if (typeof object !== 'object' || object === null) return 'bad-json'
  if ('nmea' in object) return catcherSentences(object) ?? 'bad-json'
  const { sentence, time = null, source = null, ...others } = object as Record<string, unknown>
  if (typeof sentence !== 'string' || Object.keys(others).length > 0) return 'bad-json'
  if (source !== null && !(typeof source === 'string' && printable.test(source))) {
    return 'bad-source'
  }
  if (time === null) return { sentences: [sentence], time, source }
  const milliseconds = typeof time === 'string' ? readTime(time) : null
  return milliseconds === null ? 'bad-time' : { sentences: [sentence], time: milliseconds, source }
}
