import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { distanceMetres, metresPerNauticalMile, type Place } from '../geography/geodesy.ts'
import { alongArc, angleBetween, placeOf, vectorOf } from '../geography/sphere.ts'
import { landDepth, readCoast } from '../../test/coast.ts'
import { type PassageCode, passageCodes, passageOf } from './passage.ts'
import { decodeSeaNetwork, readSeaNetworkFile, nauticalMiles } from './sea-network.ts'
import type { SeaNetwork } from './sea-network.ts'
import { hoursUnderWay, planSeaRoute, readRouteEnd, seaRouteFeature } from './sea-route.ts'
import type { PassageChoice, SeaRoute } from './sea-route.schema.ts'

let network: SeaNetwork
beforeAll(async () => {
  network = decodeSeaNetwork(await readSeaNetworkFile())
})

const route = (from: string, to: string, choice: PassageChoice = {}): SeaRoute =>
  planSeaRoute(
    network,
    {
      from: readRouteEnd(network, { text: from, pointer: '?from' }),
      to: readRouteEnd(network, { text: to, pointer: '?to' }),
      ...choice,
    },
    'en',
  )
const codes = ({ passages }: SeaRoute): PassageCode[] => passages.map(({ code }) => code)
const textOf = ({ lat, lon }: Place): string => `${lon},${lat}`

describe('a sea route', () => {
  it.each([
    ['CNSHA', 'USLAX', 5_760],
    ['USLAX', 'JPTYO', 4_940],
    ['PECLL', 'CNSHA', 9_350],
    ['ESALG', 'NLRTM', 1_390],
    ['SGSIN', 'NLRTM', 8_290],
  ])('from %s to %s is about %i nautical miles, there and back', (from, to, miles) => {
    for (const { distance } of [route(from, to), route(to, from)]) {
      expect(distance).toBeGreaterThan(miles * 0.95)
      expect(distance).toBeLessThan(miles * 1.05)
    }
  })

  it.each([
    ['ESBCN', 'ESALG', 515],
    ['AUMEL', 'AUSYD', 580],
    ['GRPIR', 'TRIST', 355],
    ['ZADUR', 'ZACPT', 795],
    ['JPTYO', 'JPUKB', 360],
    // Round Sri Lanka: between it and India there is water, and no depth for ships.
    ['LKCMB', 'INMAA', 590],
    ['ESCEU', 'NLRTM', 1_390],
    // Round Hong Kong Island and up Mirs Bay, not over the New Territories.
    ['HKHKG', 'CNYTN', 48],
    // By Urmston Road, not round Lantau.
    ['HKHKG', 'CNSZX', 17],
    ['HKHKG', 'CNHUA', 65],
  ])('from %s to %s, along a coast, is about %i nautical miles', (from, to, miles) => {
    for (const { distance } of [route(from, to), route(to, from)]) {
      expect(distance).toBeGreaterThan(miles * 0.95)
      expect(distance).toBeLessThan(miles * 1.05)
    }
  })

  it.each([
    ['ESCEU', 'ESALG', 20],
    ['MAPTM', 'ESALG', 20],
    ['GBDVR', 'FRCQF', 25],
    ['PABLB', 'PAMIT', 50],
  ])('makes no detour from %s to %s across a strait or a bay', (from, to, most) => {
    expect(route(from, to).distance).toBeLessThan(most)
    expect(route(to, from).distance).toBeLessThan(most)
  })

  it.each([
    // Where most of their containers are handled, to a tenth of a degree.
    ['NLRTM', 4.0, 52.0],
    ['BEANR', 4.3, 51.3],
    ['CNSHA', 121.6, 31.4],
    ['CNNBO', 121.9, 29.9],
    ['CNTAO', 120.2, 36.0],
    ['CNDLC', 121.9, 39.0],
    ['CNTSN', 117.8, 39.0],
    ['CNYIK', 122.1, 40.3],
    ['CNYTG', 121.4, 37.6],
    ['CNCAN', 113.7, 22.6],
    ['INMUN', 69.7, 22.7],
    ['JPNGO', 136.9, 35.0],
    ['OMSLL', 54.0, 16.9],
    ['USHOU', -95.0, 29.7],
    ['VNSGN', 106.8, 10.8],
    // Not in the list of ports at all.
    ['AEKHL', 54.7, 24.8],
    ['CNQZH', 108.6, 21.7],
    ['ESFRO', -8.3, 43.5],
    ['ESLUZ', -15.4, 28.1],
    ['ESSAG', -0.2, 39.6],
    ['MXLZC', -102.2, 17.9],
    ['PAROD', -79.6, 9.0],
    ['TRAMR', 28.7, 41.0],
    ['VNCMT', 107.0, 10.5],
  ])('begins for %s in the harbour, not in the town', (code, lon, lat) => {
    const { position } = readRouteEnd(network, { text: code, pointer: '?from' })
    expect(distanceMetres(position, { lat, lon }) / metresPerNauticalMile).toBeLessThan(5)
  })

  it('is cut short by no passage that is closed', () => {
    const round = route('MAPTM', 'ESCAD', { closed: ['gibraltar'] })
    expect(codes(round)).not.toContain('gibraltar')
    expect(round.distance).toBeGreaterThan(10_000)
    const across = route('PABLB', 'PAMIT', { closed: ['panama'] })
    expect(codes(across)).not.toContain('panama')
    expect(across.distance).toBeGreaterThan(5_000)
  })

  it('goes through Suez, and round Africa when that is closed', () => {
    expect(codes(route('SGSIN', 'NLRTM'))).toEqual([
      'malacca',
      'bab-el-mandeb',
      'suez',
      'gibraltar',
      'dover',
    ])
    const round = route('SGSIN', 'NLRTM', { closed: ['suez'] })
    expect(codes(round)).toEqual(['malacca', 'dover'])
    expect(round.closed).toContain('suez')
    expect(round.distance).toBeGreaterThan(11_750 * 0.95)
    expect(round.distance).toBeLessThan(11_750 * 1.05)
  })

  it('goes through Panama, else by the Strait of Magellan, else round Cape Horn', () => {
    expect(codes(route('USNYC', 'CLVAP'))).toContain('panama')
    const south = route('BRSSZ', 'CLVAP', { closed: ['panama'] })
    expect(codes(south)).toEqual(['magellan'])
    const horn = route('BRSSZ', 'CLVAP', { closed: ['panama', 'magellan'] })
    expect(horn.passages).toEqual([])
    expect(Math.min(...horn.legs.map(({ to }) => to.lat))).toBeLessThan(-55)
  })

  it('goes through Kiel, else round Skagen', () => {
    expect(codes(route('DEHAM', 'PLGDN'))).toContain('kiel')
    const round = route('DEHAM', 'PLGDN', { closed: ['kiel'] })
    expect(codes(round)).not.toContain('kiel')
    expect(Math.max(...round.legs.map(({ to }) => to.lat))).toBeGreaterThan(57.5)
  })

  it('goes through the Arctic only when it is opened', () => {
    const open = route('NLRTM', 'JPYOK', { opened: ['northern-sea-route'] })
    expect(codes(open)).toContain('northern-sea-route')
    expect(open.distance).toBeLessThan(8_000)
    const usual = route('NLRTM', 'JPYOK')
    expect(codes(usual)).toContain('suez')
    expect(usual.closed).toEqual(['corinth', 'northern-sea-route', 'northwest-passage'])
  })

  it('crosses the antimeridian as any other line, and is drawn in two pieces there', () => {
    const pacific = route('USLAX', 'JPTYO')
    const { geometry } = seaRouteFeature(pacific)
    expect(geometry.type).toBe('MultiLineString')
    const [east, west] = geometry.coordinates as number[][][]
    expect(east?.at(-1)?.[0]).toBe(-180)
    expect(west?.[0]?.[0]).toBe(180)
    expect(east?.at(-1)?.[1]).toBeCloseTo(west?.[0]?.[1] ?? 0)
    const short = route('179.5,-25', '-179.5,-25')
    expect(short.distance).toBeLessThan(55)
    expect(short.legs).toHaveLength(1)
  })

  it('has legs that follow one another and make up its length', () => {
    const { legs, distance, from, to } = route('ESALG', 'ROCND')
    expect(legs[0]?.from).toEqual(from.position)
    expect(legs.at(-1)?.to).toEqual(to.position)
    for (const [n, leg] of legs.entries()) {
      if (n > 0) expect(leg.from).toEqual(legs[n - 1]?.to)
      expect(distanceMetres(leg.from, leg.to) / metresPerNauticalMile).toBeCloseTo(leg.distance, 0)
    }
    expect(legs.reduce((sum, leg) => sum + leg.distance, 0)).toBeCloseTo(distance, 0)
  })

  it('leads out of a narrow from the edge of a cell of the chart', () => {
    const { distance } = route('CLZUD', 'CLVAP')
    expect(distance).toBeGreaterThan(520)
    expect(distance).toBeLessThan(700)
  })

  it('is straight within a harbour, and of no length to the same place', () => {
    const none = route('NLRTM', 'NLRTM')
    expect(none).toMatchObject({ distance: 0, passages: [] })
    expect(seaRouteFeature(none).geometry.type).toBe('LineString')
    // Off Algeciras, from the bay to the quay: 4.8 nautical miles, not out to sea and back.
    const { distance, legs } = route('-5.39221,36.08082', 'ESALG')
    expect(legs).toMatchObject([{ kind: 'approach' }])
    expect(distance).toBeCloseTo(4.8, 1)
    expect(route('-5.2,36', 'ESALG').legs.length).toBeGreaterThan(1)
  })

  it('is slower through a canal', () => {
    const { legs, distance } = route('EGPSD', 'SAJED')
    expect(hoursUnderWay(legs, 8)).toBeCloseTo(distance / 8, 5)
    // Some 80 nautical miles at 8.6 knots rather than 16.
    const slower = hoursUnderWay(legs, 16) - distance / 16
    expect(slower).toBeGreaterThan(3)
    expect(slower).toBeLessThan(6)
  })

  it.each([
    ['EGPSD', 'EGSUZ', 4],
    ['PABLB', 'PACTB', 3],
    ['DEBRV', 'DEKEL', 4],
  ])('is slower from %s to %s, whose ports lie at the ends of a canal', (from, to, hours) => {
    for (const { legs, distance } of [route(from, to), route(to, from)]) {
      expect(hoursUnderWay(legs, 18) - distance / 18).toBeGreaterThan(hours - 1.5)
      expect(hoursUnderWay(legs, 18) - distance / 18).toBeLessThan(hours + 2)
    }
  })

  it('is refused where there is none', () => {
    const refusal = (from: string, choice: PassageChoice = {}) => {
      try {
        route(from, 'ESALG', choice)
      } catch (error) {
        return (error as { kind: { code: string } }).kind.code
      }
      return null
    }
    expect(refusal('-3.7,40.4')).toBe('NOT_AT_SEA') // Madrid
    expect(refusal('50.5,42')).toBe('NOT_AT_SEA') // the Caspian Sea
    expect(refusal('0,-70')).toBe('NOT_AT_SEA') // Antarctica
    expect(refusal('ESXXX')).toBe('PORT_POSITION_UNKNOWN')
    expect(refusal('200,10')).toBe('VALIDATION_FAILED')
    expect(refusal('algeciras')).toBe('VALIDATION_FAILED')
    expect(refusal('ROCND', { closed: ['bosporus'] })).toBe('NO_WAY_BY_SEA')
    expect(refusal('NLRTM', { closed: ['suez'], opened: ['suez'] })).toBe('VALIDATION_FAILED')
  })
})

describe('between any two places at sea', () => {
  const anywhere = fc.record({
    lat: fc.integer({ min: -590, max: 720 }).map((tenths) => tenths / 10 + 0.01),
    lon: fc.integer({ min: -1_800, max: 1_799 }).map((tenths) => tenths / 10 + 0.01),
  })
  const atSea = (place: Place): boolean => network.chart.isSea(place)
  /** A route by canals and rivers is cut into the chart, so the coast says nothing of it. */
  const fairways = passageCodes.flatMap((code) => passageOf(code).fairway ?? [])
  const nearFairway = (place: Place): boolean =>
    fairways.some(([lon, lat]) => distanceMetres(place, { lat, lon }) < 20 * metresPerNauticalMile)

  it('a route never crosses land, and is not much longer back or by a third place', async () => {
    const coast = await readCoast()
    expect(landDepth(coast, { lat: 40.4, lon: -3.7 })).toBeGreaterThan(100)
    expect(landDepth(coast, { lat: 40.4, lon: -30 })).toBe(0)
    fc.assert(
      fc.property(anywhere, anywhere, anywhere, (a, b, c) => {
        fc.pre([a, b, c].every(atSea))
        const there = route(textOf(a), textOf(b))
        const back = route(textOf(b), textOf(a))
        expect(Math.abs(there.distance - back.distance)).toBeLessThan(0.02 * there.distance + 1)
        const straight = nauticalMiles(angleBetween(vectorOf(a), vectorOf(b)))
        expect(there.distance).toBeGreaterThan(straight - 1)
        const by = route(textOf(a), textOf(c)).distance + route(textOf(c), textOf(b)).distance
        expect(there.distance).toBeLessThan(1.05 * by + 20)
        for (const leg of there.legs) {
          for (const place of alongArc(vectorOf(leg.from), vectorOf(leg.to), 0.001).map(placeOf)) {
            const depth = landDepth(coast, place)
            if (depth > 4 && !nearFairway(place)) expect({ place, depth }).toBe('at sea')
          }
        }
      }),
      { numRuns: 60, seed: 20_261_127 },
    )
  })
})
