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
    for (const code of unlocs) {
      const [lon, lat] = corrected[code] ?? coordinates
      const place: Place = { lat, lon }
      if (!chart.isSea(place) && chart.seasAround(place, longestApproach).length === 0) continue
      found[code] = [rounded(lon), rounded(lat)]
    }
  }
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Ports that the list has in another place than they are, by the charts of their harbours. */
const corrected: Readonly<Record<string, readonly [lon: number, lat: number]>> = {
  CNNGB: [121.85, 29.93], // Beilun, by Ningbo
  CNYTN: [114.27, 22.57], // Yantian, by Shenzhen
  CNSZX: [113.87, 22.47], // Shekou, by Shenzhen
  HKHKG: [114.13, 22.34], // Kwai Tsing
  MAPTM: [-5.5, 35.89], // Tanger Med
  PAMIT: [-79.88, 9.36], // Manzanillo, by Colón
  SAJED: [39.16, 21.47], // Jeddah
  USLAX: [-118.26, 33.73], // San Pedro, by Los Angeles
}

const rounded = (degrees: number): number => Math.round(degrees * 1_000) / 1_000
