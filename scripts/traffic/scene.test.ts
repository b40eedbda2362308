import { createAisDecoder } from '@porttrack/ais/ais-decoder'
import type { AisMessage } from '@porttrack/ais/message'
import { imoCheckDigitValid } from '@porttrack/ais/imo'
import { vesselMmsiKind } from '@porttrack/ais/mmsi'
import { describe, expect, test } from 'vitest'
import { sceneCrossings } from './crossings.ts'
import { sceneEntrySeconds, scenePeriodSeconds, sceneShips } from './fleet.ts'
import { distance } from './passage.ts'
import { port, sceneBerths, sceneZones } from './port.ts'
import { sceneSentences } from './scene.ts'

const start = Date.UTC(2026, 10, 23, 8)
const scene = { start, seed: 7 } as const

interface Heard {
  readonly time: number
  readonly message: AisMessage
}

function hear(durationSeconds: number): { heard: Heard[]; rejected: unknown[] } {
  const decoder = createAisDecoder()
  const heard: Heard[] = []
  const rejected: unknown[] = []
  let line = 0
  for (const { sentence, time } of sceneSentences({ ...scene, durationSeconds })) {
    const received = Date.parse(time)
    for (const result of decoder.pushLine(sentence, ++line, received)) {
      if (result.ok) heard.push({ time: received, message: result.message })
      else rejected.push(result)
    }
  }
  rejected.push(...decoder.end(Date.now()))
  return { heard, rejected }
}

describe('two rounds of the scene', () => {
  const { heard, rejected } = hear(2 * scenePeriodSeconds)

  test('are true AIS of every type that a port hears', () => {
    expect(rejected).toEqual([])
    const types = new Set(heard.map(({ message }) => message.type))
    expect([...types].toSorted((left, right) => left - right)).toEqual([1, 3, 4, 5, 18, 21, 24])
  })

  test('come in the order of time', () => {
    const times = heard.map(({ time }) => time)
    expect(times).toEqual(times.toSorted((left, right) => left - right))
  })

  test.each(sceneShips.map(({ vessel }) => vessel))('keep $name under 60 knots', ({ mmsi }) => {
    let previous: { time: number; lat: number; lon: number } | undefined
    let fastest = 0
    for (const { time, message } of heard) {
      if (message.mmsi !== mmsi || !('lat' in message)) continue
      const { lat, lon } = message
      if (lat === null || lon === null) throw new Error('a ship without a place')
      if (previous !== undefined) {
        const seconds = (time - previous.time) / 1000
        expect(seconds).toBeGreaterThan(0)
        fastest = Math.max(fastest, distance(previous, { lat, lon }) / seconds / 0.5144)
      }
      previous = { time, lat, lon }
    }
    expect(previous).toBeDefined()
    expect(fastest).toBeLessThan(45)
  })

  test('hear static data of each ship again within six minutes', () => {
    const last = new Map<string, number>()
    for (const { time, message } of heard) {
      if (message.type !== 5 && message.type !== 24) continue
      const before = last.get(message.mmsi)
      // Longer only while she is out of reception.
      if (before !== undefined && time - before > 366_000) {
        const silent = heard.filter(
          (other) =>
            other.message.mmsi === message.mmsi && other.time > before && other.time < time,
        )
        const gaps = silent.slice(1).map((one, index) => one.time - (silent[index]?.time ?? 0))
        expect(Math.max(...gaps)).toBeGreaterThan(300_000)
      }
      last.set(message.mmsi, time)
    }
    expect(last.size).toBe(sceneShips.length)
  })
})

test('ships have numbers of the right form', () => {
  for (const { vessel } of sceneShips) {
    expect(vesselMmsiKind(vessel.mmsi)).toBe('ship')
    if (vessel.imo !== null) expect(imoCheckDigitValid(vessel.imo)).toBe(true)
  }
  expect(new Set(sceneShips.map(({ vessel }) => vessel.mmsi)).size).toBe(sceneShips.length)
})

test('zones are closed rings, anticlockwise', () => {
  for (const { geometry } of sceneZones) {
    const ring = geometry.coordinates[0] ?? []
    expect(ring.at(-1)).toEqual(ring[0])
    const area = ring.slice(1).reduce((sum, [lon, lat], index) => {
      const [previousLon, previousLat] = ring[index] ?? [0, 0]
      return sum + previousLon * lat - lon * previousLat
    }, 0)
    expect(area).toBeGreaterThan(0)
  }
})

test('much happens within a quarter of an hour of the entry, the first of it within a minute', () => {
  const crossings = sceneCrossings({ fromSeconds: sceneEntrySeconds, durationSeconds: 900 })
  expect(crossings[0]).toMatchObject({
    kind: 'ENTER',
    vessel: 'ESTRECHO PIONEER',
    zone: 'ESALG-PORT',
  })
  expect(crossings[0]?.atSeconds).toBeLessThan(sceneEntrySeconds + 60)
  expect(crossings.length).toBeGreaterThan(8)
})

test('a round shows ships that arrive, berth, anchor, meet the pilot and leave', () => {
  const happened = sceneCrossings({ fromSeconds: 0, durationSeconds: scenePeriodSeconds }).map(
    ({ kind, vessel, zone }) => `${kind} ${vessel} ${zone}`,
  )
  for (const one of [
    'ENTER ESTRECHO PIONEER ESALG-PORT',
    'ENTER ESTRECHO PIONEER ESALG-PILOT',
    'ENTER PRACTICO CARNERO ESALG-PILOT',
    'ENTER ESTRECHO PIONEER ESALG-JC-1',
    'EXIT ESTRECHO PIONEER ESALG-JC-1',
    'EXIT ESTRECHO PIONEER ESALG-PORT',
    'ENTER LEVANTE BULK ESALG-ANCH-A',
    'EXIT BAHIA TRADER ESALG-ANCH-A',
    'ENTER BAHIA TRADER ESALG-PM-1',
  ]) {
    expect(happened).toContain(one)
  }
})

test('ships fit the berths that they come to', () => {
  const crossings = sceneCrossings({ fromSeconds: 0, durationSeconds: scenePeriodSeconds })
  const stays = crossings.flatMap(({ kind, vessel: name, zone }) => {
    const berth = sceneBerths.find(({ code }) => zone === `${port.UNLocationCode}-${code}`)
    const ship = sceneShips.find(({ vessel }) => vessel.name === name)?.vessel
    const calls = ship !== undefined && ship.purposes.length > 0
    return kind === 'ENTER' && berth !== undefined && calls ? [{ berth, ship }] : []
  })
  expect(new Set(stays.map(({ berth }) => berth.code)).size).toBe(sceneBerths.length)
  for (const { berth, ship } of stays) {
    const gap = Math.max(15, ship.lengthMetres / 10)
    expect(ship.lengthMetres + 2 * gap).toBeLessThanOrEqual(berth.quayLength)
    expect(ship.lengthMetres).toBeLessThanOrEqual(berth.maximumLengthOverall)
    expect(ship.draughtMetres * 1.1).toBeLessThanOrEqual(berth.depth)
    expect(berth.vesselTypes).toContain(ship.vesselType)
  }
})

test('a piece of the scene is the same as cut out of the whole', () => {
  const whole = [...sceneSentences({ ...scene, durationSeconds: 5_000 })]
  const from = new Date(start + 3_333_000).toISOString()
  const piece = [...sceneSentences({ ...scene, fromSeconds: 3_333, durationSeconds: 1_667 })]
  expect(piece).toEqual(whole.filter(({ time }) => time >= from))
})

test('another seed gives other errors to the same ways', () => {
  const positions = (seed: number) =>
    [...sceneSentences({ start, seed, durationSeconds: 60 })]
      .map(({ sentence }) => sentence)
      .filter((sentence) => /^!AIVDM,1,1,,[AB],[13]/.test(sentence))
  const others = new Set(positions(8))
  expect(positions(7).filter((sentence) => others.has(sentence))).toEqual([])
})

test('tag blocks carry the time and the station', () => {
  const [tagged] = sceneSentences({ ...scene, durationSeconds: 10, tagBlocks: true })
  const decoder = createAisDecoder()
  const [result] = decoder.pushLine(tagged?.sentence ?? '', 1, 0)
  expect(result).toMatchObject({ time: Date.parse(tagged?.time ?? ''), source: 'algeciras-1' })
})
