import type { Place } from './geodesy.ts'

/** A place as a point of the unit sphere. On it the antimeridian and the poles are like any other. */
export type Vector = readonly [x: number, y: number, z: number]

const degree = Math.PI / 180

export const vectorOf = ({ lat, lon }: Place): Vector => {
  const ring = Math.cos(lat * degree)
  return [ring * Math.cos(lon * degree), ring * Math.sin(lon * degree), Math.sin(lat * degree)]
}

export const placeOf = ([x, y, z]: Vector): Place => ({
  lat: Math.atan2(z, Math.hypot(x, y)) / degree,
  lon: Math.atan2(y, x) / degree,
})

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

/** The angle between two places, in radians: 0 to π. */
export const angleBetween = (a: Vector, b: Vector): number =>
  Math.atan2(Math.hypot(...cross(a, b)), dot(a, b))

/** Whether two great-circle arcs, each shorter than half a circle, cross. */
export const arcsCross = (
  [a, b]: readonly [Vector, Vector],
  [c, d]: readonly [Vector, Vector],
): boolean => {
  const ab = cross(a, b)
  const cd = cross(c, d)
  const sides = [dot(cd, a), -dot(cd, b), -dot(ab, c), dot(ab, d)]
  return sides.every((side) => side > 0) || sides.every((side) => side < 0)
}

/** Places along a great-circle arc, both ends included, none further than `step` radians from the next. */
export const alongArc = (from: Vector, to: Vector, step: number): Vector[] => {
  const angle = angleBetween(from, to)
  const parts = Math.max(1, Math.ceil(angle / step))
  if (angle === 0) return [from, to]
  return Array.from({ length: parts + 1 }, (_, n): Vector => {
    const a = Math.sin(angle * (1 - n / parts)) / Math.sin(angle)
    const b = Math.sin((angle * n) / parts) / Math.sin(angle)
    return [a * from[0] + b * to[0], a * from[1] + b * to[1], a * from[2] + b * to[2]]
  })
}

/** The course at one place to another along the great circle, in degrees from north: 0 to below 360. */
export const courseTo = (from: Vector, to: Vector): number => {
  const east: Vector = [-from[1], from[0], 0]
  const north = cross(from, east)
  const course = Math.atan2(dot(east, to), dot(north, to)) / degree
  return course < 0 ? course + 360 : course
}

/** The angle from a place to the nearest point of a great-circle arc shorter than half a circle, in radians. */
export const angleToArc = (place: Vector, [a, b]: readonly [Vector, Vector]): number => {
  const normal = cross(a, b)
  const length = Math.hypot(...normal)
  const nearestEnd = Math.min(angleBetween(place, a), angleBetween(place, b))
  if (length === 0) return nearestEnd
  // Abeam of the arc: between the planes through its ends that stand on its circle.
  const isAbeam = dot(cross(normal, a), place) > 0 && dot(cross(normal, b), place) < 0
  if (!isAbeam) return nearestEnd
  return Math.abs(Math.asin(Math.max(-1, Math.min(1, dot(normal, place) / length))))
}
