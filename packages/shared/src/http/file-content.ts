import { type TString, Type } from 'typebox'

/** How files of a media type are written, as documents of APIs say it. */
const kinds = {
  calendar: {
    description: 'iCalendar (RFC 5545) in UTF-8',
    example: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n',
  },
  edifact: {
    description: 'UN/EDIFACT (ISO 9735), an interchange with one message',
    example: "UNB+UNOC:3+PORTTRACK+PARTNER+270301:0800+1'",
  },
  gpx: {
    description: 'GPX 1.1 in UTF-8',
    example:
      '<gpx version="1.1" creator="PortTrack" xmlns="http://www.topografix.com/GPX/1/1"></gpx>',
  },
  kml: {
    description: 'KML 2.3 (OGC 12-007r2) in UTF-8',
    example: '<kml xmlns="http://www.opengis.net/kml/2.2"></kml>',
  },
} as const

/** Answers that are files are as long as what they tell of: no text and no number limits them. */
const noLimit = { maxLength: Number.MAX_SAFE_INTEGER }

/** A file that is answered. */
export const fileAnswer = (kind: keyof typeof kinds): TString => {
  const { description, example } = kinds[kind]
  return Type.String({ ...noLimit, description, examples: [example] })
}

/** A table that is answered, with these columns. */
export const csvAnswer = (columns: readonly { name: string }[]): TString =>
  Type.String({
    ...noLimit,
    description:
      "CSV (RFC 4180) in UTF-8, its first line the columns’ names; cells that begin with `=`, `+`, `-` or `@` have a `'` before it",
    examples: [`${columns.map(({ name }) => name).join(',')}\r\n`],
  })

/** A PDF that is answered. */
export const pdfAnswer = (): TString =>
  Type.String({
    ...noLimit,
    contentEncoding: 'binary',
    description: 'PDF, as its bytes',
  })

/**
 * A text that is sent.
 *
 * @param bytes the most that the route takes, answered with 413 beyond
 */
export const fileBody = (
  description: string,
  { bytes, example }: { bytes: number; example: string },
): TString =>
  Type.String({
    maxLength: bytes,
    description: `${description}; at most ${bytes.toLocaleString('en')} bytes, not compressed`,
    examples: [example],
  })
