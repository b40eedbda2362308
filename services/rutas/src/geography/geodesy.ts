/** A place in degrees, WGS 84: latitude −90 to 90, longitude −180 to 180. */
export type Place = { lat: number; lon: number }

/** Mean radius of the earth (IUGG), in metres. */
const earthRadius = 6_371_008.8
const radians = Math.PI / 180

export const metresPerNauticalMile = 1_852

/** Metres along one degree of a great circle. */
export const metresPerDegree = earthRadius * radians

/** A difference of longitudes the short way round: −180 up to 180. */
export const shortWay = (degrees: number): number => {
  if (degrees >= -180 && degrees < 180) return degrees
  return degrees - 360 * Math.floor((degrees + 180) / 360)
}

/** A longitude beyond the antimeridian brought back to −180 to 180. */
export const normalLongitude = (lon: number): number =>
  lon >= -180 && lon <= 180 ? lon : shortWay(lon)

/** Great-circle distance in metres (haversine, on a sphere: within 0.6 % of the ellipsoid). */
export const distanceMetres = (from: Place, to: Place): number => {
  const rise = Math.sin(((to.lat - from.lat) * radians) / 2)
  const turn = Math.sin(((to.lon - from.lon) * radians) / 2)
  const chord =
    rise * rise + Math.cos(from.lat * radians) * Math.cos(to.lat * radians) * turn * turn
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(chord)))
}

/** Reads `longitude,latitude` in degrees, GeoJSON's order; null for anything else. */
export const readPlace = (text: string): Place | null => {
  const [, lon, lat] =
    /^([+-]?\d{1,3}(?:\.\d{1,20})?),([+-]?\d{1,2}(?:\.\d{1,20})?)$/.exec(text) ?? []
  if (lon === undefined || lat === undefined) return null
  const place = { lat: Number(lat), lon: Number(lon) }
  return Math.abs(place.lon) <= 180 && Math.abs(place.lat) <= 90 ? place : null
}
