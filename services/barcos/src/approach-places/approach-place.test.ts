import { describe, expect, it } from 'vitest'
import { approachPlaceFaults, isVoiceChannel } from './approach-place.ts'

const point = { type: 'Point', coordinates: [-5.39, 36.077] } as const
const place = {
  UNLocationCode: 'ESALG',
  geometry: { type: point.type, coordinates: [...point.coordinates] },
}
const area = {
  type: 'Polygon' as const,
  coordinates: [
    [
      [-5.4, 36.15],
      [-5.39, 36.15],
      [-5.39, 36.16],
      [-5.4, 36.15],
    ],
  ],
}

describe('a VHF channel', () => {
  it('is one that people speak on', () => {
    for (const channel of [1, 9, 12, 16, 28, 60, 74, 88, 1_078, 2_006, 2_078]) {
      expect([channel, isVoiceChannel(channel)]).toEqual([channel, true])
    }
    for (const channel of [0, 29, 59, 70, 89, 99, 1_000, 1_070, 1_029, 2_087, 2_088, 3_012]) {
      expect([channel, isVoiceChannel(channel)]).toEqual([channel, false])
    }
  })
})

describe('an anchorage', () => {
  it('is an area: a polygon, or a circle', () => {
    expect(approachPlaceFaults('ANCHORAGE', { ...place, geometry: area })).toEqual([])
    expect(approachPlaceFaults('ANCHORAGE', { ...place, radiusMetres: 500 })).toEqual([])
    expect(approachPlaceFaults('ANCHORAGE', place)).toMatchObject([{ pointer: '#/radiusMetres' }])
    expect(
      approachPlaceFaults('ANCHORAGE', { ...place, geometry: area, radiusMetres: 500 }),
    ).toMatchObject([{ pointer: '#/radiusMetres' }])
  })
})

describe('a pilot boarding place', () => {
  it('may be a point, with a channel to call the pilot on', () => {
    expect(approachPlaceFaults('PILOT_BOARDING_PLACE', { ...place, VHFChannel: 12 })).toEqual([])
  })

  it('has every fault named at once', () => {
    const faults = approachPlaceFaults('PILOT_BOARDING_PLACE', {
      UNLocationCode: 'ZZALG',
      geometry: { type: 'Point', coordinates: [200, 0] },
      VHFChannel: 70,
    })
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '#/UNLocationCode',
      '#/geometry/coordinates/0',
      '#/VHFChannel',
    ])
  })
})
