import { describe, expect, it } from 'vitest'
import { compareArrival, declaredPort } from './eta.ts'

describe('a declared destination', () => {
  it.each([
    ['NLRTM', 'NLRTM'],
    ['NL RTM', 'NLRTM'],
    ['ES ALG>NL RTM', 'NLRTM'],
    ['ESALG > NLRTM', 'NLRTM'],
    ['ROTTERDAM', null],
    ['NL RTM>', null],
    ['FISHING', null],
    ['', null],
    [null, null],
  ])('%s is the port %s', (destination, port) => {
    expect(declaredPort(destination)).toBe(port)
  })
})

describe('an arrival beside another time', () => {
  const minute = 60_000
  it.each([
    [-31, 'EARLY'],
    [-30, 'ON_TIME'],
    [0, 'ON_TIME'],
    [30, 'ON_TIME'],
    [31, 'LATE'],
  ])('that is %i minutes off is %s', (off, punctuality) => {
    expect(compareArrival(off * minute, 0, 30)).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      differenceMinutes: off,
      punctuality,
    })
  })
})
