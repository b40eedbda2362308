import { isTimeZone } from '@porttrack/shared/time/local-time'
import { Type } from 'typebox'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'

/** The IANA time zone that a place's clocks show, by its UN/LOCODE. */
export type TimeZoneAt = (UNLocationCode: string) => string

/** What the zone of every place is that the setting does not name. */
const otherPlaces = '*'

/** The setting that `timeZonesOf` reads; what is wrong with it is named at the start. */
export const timeZonesSetting = Type.Refine(
  Type.String({
    default: '*=Etc/UTC',
    maxLength: 10_000,
    description:
      'Time zones of the ports, as `UN/LOCODE=zone` with an IANA zone and blanks between them, `*` being every other port: `*=Europe/Madrid ESLPA=Atlantic/Canary`. Times are stored and answered in UTC; plans and exports show the port’s own besides',
  }),
  (setting) => timeZoneFaults(setting).length === 0,
  (setting) => timeZoneFaults(setting).join('; '),
)

/**
 * Which zone each place has by a setting without faults; UTC for a place that it names in no way. An
 * unknown UN/LOCODE has the zone of every other place.
 */
export const timeZonesOf = (setting: string): TimeZoneAt => {
  const zones = new Map(entriesOf(setting))
  const other = zones.get(otherPlaces) ?? 'Etc/UTC'
  return (UNLocationCode) => zones.get(UNLocationCode) ?? other
}

/** Everything wrong with a setting, by the number of its entry: what an entry says is not repeated. */
export const timeZoneFaults = (setting: string): string[] => {
  const places = entriesOf(setting).map(([place]) => place)
  return entriesOf(setting).flatMap(([place, zone], index) => {
    const entry = `entry ${index + 1}`
    if (place !== otherPlaces && unLocationCodeFault(place) !== null) {
      return [`${entry} must begin with a UN/LOCODE or *, and =`]
    }
    return [
      ...(places.indexOf(place) < index ? [`${entry} names a port a second time`] : []),
      ...(isTimeZone(zone) ? [] : [`${entry} names no time zone of the IANA database`]),
    ]
  })
}

const entriesOf = (setting: string): [place: string, zone: string][] =>
  setting
    .split(/\s+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [place = '', ...zone] = entry.split('=')
      return [place, zone.join('=')]
    })
