import type { CsvColumn } from '@porttrack/shared/http/csv'
import { cutAtAntimeridian } from '../geography/lines.ts'
import type { TrackPosition } from '../targets/target.schema.ts'
import type { TrackPiece } from './stretches.ts'

/** Whose track it is: the MMSI, and the name where one is known. */
export type TrackOwner = { mmsi: string; name: string | null }

type Pieces = AsyncIterable<TrackPiece>

const titleOf = ({ mmsi, name }: TrackOwner): string => (name === null ? mmsi : `${name} ${mmsi}`)

/** Positions of a piece that the piece before has not given. */
const newOf = ({ continues, positions }: TrackPiece): readonly TrackPosition[] =>
  continues ? positions.slice(1) : positions

/**
 * GeoJSON (RFC 7946): a collection with a line for each piece, cut at the antimeridian, or a point for a
 * single position; lines of one stretch join.
 */
export async function* trackGeoJson(
  { mmsi, name }: TrackOwner,
  pieces: Pieces,
): AsyncGenerator<string> {
  yield '{"type":"FeatureCollection","features":['
  let between = ''
  for await (const { stretch, positions } of pieces) {
    const places = positions.map(({ position }) => position)
    const lines = cutAtAntimeridian(places)
    const [line] = lines
    const [place] = places
    const geometry = !line
      ? { type: 'Point', coordinates: [place?.lon, place?.lat] }
      : lines.length === 1
        ? { type: 'LineString', coordinates: line }
        : { type: 'MultiLineString', coordinates: lines }
    const times = positions.map(({ time }) => time)
    const properties = { mmsi, name, stretch, times }
    yield between + JSON.stringify({ type: 'Feature', geometry, properties })
    between = ','
  }
  yield ']}'
}

/** GPX 1.1 (topografix.com): one track, with a segment for each stretch between gaps. */
export async function* trackGpx(owner: TrackOwner, pieces: Pieces): AsyncGenerator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="PortTrack" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>${escaped(titleOf(owner))}</name>
`
  let open = false
  for await (const piece of pieces) {
    if (!piece.continues) {
      yield open ? '</trkseg>\n<trkseg>\n' : '<trkseg>\n'
      open = true
    }
    yield newOf(piece)
      .map(
        ({ time, position: { lat, lon } }) =>
          `<trkpt lat="${lat}" lon="${lon}"><time>${time}</time></trkpt>\n`,
      )
      .join('')
  }
  yield open ? '</trkseg>\n</trk></gpx>\n' : '</trk></gpx>\n'
}

/** KML 2.3 (OGC 12-007r2): a Track for each piece, whose positions carry their time. */
export async function* trackKml(owner: TrackOwner, pieces: Pieces): AsyncGenerator<string> {
  const title = escaped(titleOf(owner))
  yield `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document><name>${title}</name><Placemark><name>${title}</name><gx:MultiTrack>
<gx:interpolate>0</gx:interpolate>
`
  for await (const { positions } of pieces) {
    const times = positions.map(({ time }) => `<when>${time}</when>\n`)
    const places = positions.map(
      ({ position: { lat, lon } }) => `<gx:coord>${lon} ${lat} 0</gx:coord>\n`,
    )
    yield `<gx:Track>\n${times.join('')}${places.join('')}</gx:Track>\n`
  }
  yield '</gx:MultiTrack></Placemark></Document></kml>\n'
}

/** A line of the table: a position, and the stretch between gaps that it belongs to. */
type TrackRow = TrackPosition & { stretch: number }

export async function* trackRows(pieces: Pieces): AsyncGenerator<TrackRow> {
  for await (const piece of pieces) {
    for (const position of newOf(piece)) yield { ...position, stretch: piece.stretch }
  }
}

export const trackColumns: readonly CsvColumn<TrackRow>[] = [
  { name: 'time', value: ({ time }) => time },
  { name: 'lat', value: ({ position }) => position.lat },
  { name: 'lon', value: ({ position }) => position.lon },
  { name: 'speed', value: ({ speed }) => speed },
  { name: 'course', value: ({ course }) => course },
  { name: 'heading', value: ({ heading }) => heading },
  { name: 'navigationStatus', value: ({ navigationStatus }) => navigationStatus },
  { name: 'source', value: ({ source }) => source },
  { name: 'quarantined', value: ({ quarantined }) => quarantined },
  { name: 'stretch', value: ({ stretch }) => stretch },
]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (each) => entities[each] ?? '')
