import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { metresPerNauticalMile, metresPerDegree, type Place } from '../geography/geodesy.ts'
import { angleBetween, type Vector, vectorOf } from '../geography/sphere.ts'
import { columns, middleOf, rows, type SeaChart, seaChart } from './sea-chart.ts'

/** Radians on the sphere to nautical miles. */
export const nauticalMiles = (angle: number): number =>
  (angle * (180 / Math.PI) * metresPerDegree) / metresPerNauticalMile

/** Metres from a port to the sea of the chart, up a river or an inlet, beyond which it has no route. */
export const longestApproach = 40 * metresPerNauticalMile

/** What the prepared file begins with, as JSON. */
export type SeaNetworkHead = {
  /** SHA-256 of all that the file is made from. */
  sources: string
  waypoints: number
  lines: number
  /** Longitude and latitude of ports by UN/LOCODE. */
  ports: Readonly<Record<string, readonly [lon: number, lat: number]>>
}

/** Waypoints and lines of sight of the sea, prepared from the coast (`scripts/sea-network/`). */
export type SeaNetwork = {
  chart: SeaChart
  ports: ReadonlyMap<string, Place>
  waypoints: readonly Vector[]
  /** Lines from waypoint n are those from `begins[n]` up to `begins[n + 1]`. */
  begins: Int32Array
  ends: Uint16Array
  /** Lengths of the lines, in nautical miles. */
  lengths: Float32Array
  /** Bits of the passages whose gates the lines cross. */
  passages: Int32Array
}

/** The prepared network, beside the code in sources and builds alike. */
export const seaNetworkFile = new URL('../../sea-network/sea-network.bin', import.meta.url)

/** Bytes of the prepared file: its head, the chart, waypoints and lines. */
export const encodeSeaNetwork = (
  head: SeaNetworkHead,
  parts: { land: Uint8Array; cells: Uint32Array; lines: Uint16Array; passages: Int32Array },
): Uint8Array => {
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const bytes = [parts.land, parts.cells, parts.lines, parts.passages].map((part) =>
    Buffer.from(part.buffer, part.byteOffset, part.byteLength),
  )
  return Buffer.concat([length, text, ...bytes])
}

/**
 * Reads what `encodeSeaNetwork` wrote.
 *
 * @throws Error when it is not whole
 */
export const decodeSeaNetwork = (bytes: Uint8Array): SeaNetwork => {
  const head = readHead(bytes)
  let at = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const take = (length: number): ArrayBuffer => {
    if (bytes.length < at + length) throw new Error('the sea network is cut short')
    const part = Uint8Array.from(bytes.subarray(at, at + length))
    at += length
    return part.buffer
  }
  const land = new Uint8Array(take((rows * columns) / 8))
  const cells = new Uint32Array(take(4 * head.waypoints))
  const lines = new Uint16Array(take(4 * head.lines))
  const passages = new Int32Array(take(4 * head.lines))
  const waypoints = Array.from(cells, (cell) => vectorOf(middleOf(cell)))
  return {
    chart: seaChart(land),
    ports: new Map(Object.entries(head.ports).map(([code, [lon, lat]]) => [code, { lat, lon }])),
    waypoints,
    ...bothWays(waypoints, lines, passages),
  }
}

/** The head of a prepared file, before the rest is read. */
export const readHead = (bytes: Uint8Array): SeaNetworkHead => {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  return JSON.parse(Buffer.from(bytes.subarray(4, 4 + length)).toString()) as SeaNetworkHead
}

/** Reads and unpacks the prepared file. */
export const readSeaNetworkFile = async (): Promise<Uint8Array> =>
  promisify(brotliDecompress)(await readFile(seaNetworkFile))

/**
 * Gives the prepared network, which is read when it is first asked for: that takes 0.1 s, and it stays
 * in memory with about 10 MB.
 */
export const openSeaNetwork = (): (() => Promise<SeaNetwork>) => {
  let network: Promise<SeaNetwork> | null = null
  const read = async (): Promise<SeaNetwork> => {
    try {
      return decodeSeaNetwork(await readSeaNetworkFile())
    } catch (error) {
      network = null
      throw error
    }
  }
  return () => (network ??= read())
}

const bothWays = (
  waypoints: readonly Vector[],
  lines: Uint16Array,
  passagesOfLines: Int32Array,
): Pick<SeaNetwork, 'begins' | 'ends' | 'lengths' | 'passages'> => {
  const begins = new Int32Array(waypoints.length + 1)
  for (const end of lines) begins[end + 1] = (begins[end + 1] ?? 0) + 1
  for (let n = 0; n < waypoints.length; n += 1) {
    begins[n + 1] = (begins[n + 1] ?? 0) + (begins[n] ?? 0)
  }
  const free = begins.slice()
  const ends = new Uint16Array(lines.length)
  const lengths = new Float32Array(lines.length)
  const passages = new Int32Array(lines.length)
  for (let line = 0; 2 * line < lines.length; line += 1) {
    const [a = 0, b = 0] = [lines[2 * line], lines[2 * line + 1]]
    const [from, to] = [waypoints[a], waypoints[b]]
    if (!from || !to) throw new Error('the sea network names a waypoint that it does not have')
    const length = nauticalMiles(angleBetween(from, to))
    for (const [begin, end] of [
      [a, b],
      [b, a],
    ] as const) {
      const slot = free[begin] ?? 0
      free[begin] = slot + 1
      ends[slot] = end
      lengths[slot] = length
      passages[slot] = passagesOfLines[line] ?? 0
    }
  }
  return { begins, ends, lengths, passages }
}
