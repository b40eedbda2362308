import { describe, expect, it } from 'vitest'
import type { TrackPosition } from '../targets/target.schema.ts'
import { piecesOf } from './stretches.ts'
import { trackGeoJson, trackGpx, trackKml } from './track-formats.ts'

const begin = Date.UTC(2026, 9, 1)
const owner = { mmsi: '224200001', name: 'A<B>&"C"' }

const position = (minute: number, lon = minute / 1_000): TrackPosition => ({
  time: new Date(begin + minute * 60_000).toISOString(),
  position: { lat: 36, lon },
  speed: 10,
  course: 90,
  heading: null,
  navigationStatus: 0,
  source: null,
  quarantined: false,
})

async function* track(minutes: Iterable<number>): AsyncGenerator<TrackPosition> {
  for (const minute of minutes) yield position(minute)
}

const cut = { gap: 60 * 60_000, toleranceMetres: 0 }
const collected = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
const all = async (file: AsyncIterable<string>): Promise<string> => (await collected(file)).join('')
const count = (text: string, part: string) => text.split(part).length - 1

const thousands = Array.from({ length: 2_500 }, (_, n) => n)
const broken = [0, 1, 2, 63, 64, 124, 300]

describe('the file of a track', () => {
  it('is broken after more than the gap, and goes on', async () => {
    const pieces = await collected(piecesOf(track(broken), cut))
    expect(pieces.map(({ stretch, positions }) => [stretch, positions.length])).toEqual([
      [0, 3],
      [1, 3],
      [2, 1],
    ])
    const gpx = await all(trackGpx(owner, piecesOf(track(broken), cut)))
    expect([count(gpx, '<trkseg>'), count(gpx, '</trkseg>')]).toEqual([3, 3])
    expect(gpx).toContain('<name>A&lt;B&gt;&amp;&quot;C&quot; 224200001</name>')
  })

  it('has each position once as GPX, however many pieces it is cut into', async () => {
    const gpx = await all(trackGpx(owner, piecesOf(track(thousands), cut)))
    expect([count(gpx, '<trkseg>'), count(gpx, '<trkpt ')]).toEqual([1, 2_500])
  })

  it('joins its lines as GeoJSON, and its tracks as KML', async () => {
    const { features } = JSON.parse(
      await all(trackGeoJson(owner, piecesOf(track(thousands), cut))),
    ) as { features: { geometry: { coordinates: number[][] } }[] }
    expect(features.map(({ geometry }) => geometry.coordinates.length)).toEqual([1_000, 1_000, 502])
    expect(features[0]?.geometry.coordinates.at(-1)).toEqual(features[1]?.geometry.coordinates[0])
    const kml = await all(trackKml(owner, piecesOf(track(thousands), cut)))
    expect([count(kml, '<when>'), count(kml, '<gx:coord>')]).toEqual([2_502, 2_502])
  })

  it('has a point for a single position, and nothing for none', async () => {
    const single = await all(trackGeoJson(owner, piecesOf(track([5]), cut)))
    expect(JSON.parse(single)).toMatchObject({ features: [{ geometry: { type: 'Point' } }] })
    const none = await all(trackGeoJson(owner, piecesOf(track([]), cut)))
    expect(JSON.parse(none)).toEqual({ type: 'FeatureCollection', features: [] })
    expect(await all(trackGpx(owner, piecesOf(track([]), cut)))).not.toContain('trkseg')
  })

  it('leaves out what a line does not need', async () => {
    const pieces = piecesOf(track(thousands), { ...cut, toleranceMetres: 10 })
    const kept = (await collected(pieces)).map(({ positions }) => positions.length)
    expect(kept).toEqual([2, 2, 2])
  })

  it('is given while the track is read, so that even an endless one can begin', async () => {
    async function* endless(): AsyncGenerator<TrackPosition> {
      for (let minute = 0; ; minute += 1) yield position(minute, (minute % 100) / 1_000)
    }
    for (const format of [trackGeoJson, trackGpx, trackKml]) {
      const file = format(owner, piecesOf(endless(), cut))
      let given = 0
      for await (const part of file) {
        given += part.length
        if (given > 1_000_000) break
      }
      expect(given).toBeGreaterThan(1_000_000)
    }
  })
})
