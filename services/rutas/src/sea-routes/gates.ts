import { arcsCross, cross, dot, type Vector, vectorOf } from '../geography/sphere.ts'
import { type LonLat, passageCodes, passageOf } from './passage.ts'

const endOf = ([lon, lat]: LonLat): Vector => vectorOf({ lat, lon })

/** The gates of the passages, in the order of their codes, with the poles of their great circles. */
const gates = passageCodes.map((code) => {
  const [a, b] = passageOf(code).gate
  const ends = [endOf(a), endOf(b)] as const
  return { ends, pole: cross(...ends) }
})

/** Bits of the passages whose gates a great-circle arc crosses. */
export const gatesCrossed = (from: Vector, to: Vector): number => {
  let bits = 0
  for (const [n, { ends, pole }] of gates.entries()) {
    // Most arcs lie on one side of the gate's great circle.
    if (dot(pole, from) > 0 === dot(pole, to) > 0) continue
    if (arcsCross([from, to], ends)) bits |= 1 << n
  }
  return bits
}
