import { readEnvironment } from '@porttrack/shared/service/env'
import { describe, expect, it } from 'vitest'
import { timeZoneFaults, timeZonesOf, timeZonesSetting } from './time-zone.ts'

describe('the time zone of a port', () => {
  it('is what the setting says of it, or of every other port', () => {
    const timeZoneAt = timeZonesOf(' *=Europe/Madrid  ESLPA=Atlantic/Canary\n')
    expect(timeZoneAt('ESLPA')).toBe('Atlantic/Canary')
    expect(timeZoneAt('ESALG')).toBe('Europe/Madrid')
  })

  it('is UTC where the setting leaves a port out', () => {
    expect(timeZonesOf('ESALG=Europe/Madrid')('NLRTM')).toBe('Etc/UTC')
    expect(timeZonesOf('')('NLRTM')).toBe('Etc/UTC')
  })
})

describe('a setting of time zones', () => {
  it('has no faults where each port has one zone that exists', () => {
    for (const setting of [
      '*=Etc/UTC',
      'ESALG=Europe/Madrid',
      '*=UTC ARBUE=America/Argentina/Buenos_Aires',
    ]) {
      expect(timeZoneFaults(setting)).toEqual([])
    }
  })

  it('has every fault named by its entry', () => {
    expect(
      timeZoneFaults('*=Europe/Madird ESLPA=Atlantic/Canary Spain=Europe/Madrid ESLPA=+01:00 *'),
    ).toEqual([
      'entry 1 names no time zone of the IANA database',
      'entry 3 must begin with a UN/LOCODE or *, and =',
      'entry 4 names a port a second time',
      'entry 4 names no time zone of the IANA database',
      'entry 5 names a port a second time',
      'entry 5 names no time zone of the IANA database',
    ])
  })

  it('stops the start where it is wrong', () => {
    const needed = {
      PORT: '0',
      MANAGEMENT_PORT: '0',
      CURSOR_KEY: 'a key that only tests use: 32 characters',
    }
    const read = (setting: string) =>
      readEnvironment(
        { PORT_TIME_ZONES: timeZonesSetting },
        { ...needed, PORT_TIME_ZONES: setting },
      )
    expect(read('').PORT_TIME_ZONES).toBe('*=Etc/UTC')
    expect(() => read('*=Europe/Madird')).toThrow(
      'PORT_TIME_ZONES entry 1 names no time zone of the IANA database',
    )
  })
})
