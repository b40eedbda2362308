import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Place } from '../../services/rutas/src/geography/geodesy.ts'
import { longestApproach } from '../../services/rutas/src/sea-routes/sea-network.ts'
import type { SeaChart } from '../../services/rutas/src/sea-routes/sea-chart.ts'

/** Positions of ports by UN/LOCODE (npm `sea-ports`, MIT). */
export const portsFile = fileURLToPath(import.meta.resolve('sea-ports/lib/ports.json'))

type Listed = { coordinates?: readonly [number, number]; unlocs: readonly string[] }

/**
 * The ports of the list that a ship can come to; others lie too far from the sea, or the list errs.
 * Degrees are rounded to 0.001, about 100 metres.
 */
export const portsAtSea = async (chart: SeaChart): Promise<Record<string, [number, number]>> => {
  const list = JSON.parse(await readFile(portsFile, 'utf8')) as Record<string, Listed>
  const found: Record<string, [number, number]> = {}
  for (const { coordinates, unlocs } of Object.values(list)) {
    if (!coordinates) continue
    const [lon, lat] = coordinates
    const place: Place = { lat, lon }
    if (!chart.isSea(place) && !chart.nearestSea(place, longestApproach)) continue
    for (const code of unlocs) found[code] = [rounded(lon), rounded(lat)]
  }
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const rounded = (degrees: number): number => Math.round(degrees * 1_000) / 1_000
