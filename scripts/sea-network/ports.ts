import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Place } from '../../services/rutas/src/geography/geodesy.ts'
import { longestApproach } from '../../services/rutas/src/sea-routes/sea-network.ts'
import type { SeaChart } from '../../services/rutas/src/sea-routes/sea-chart.ts'

/** Positions of ports by UN/LOCODE (npm `sea-ports`, MIT). */
export const portsFile = fileURLToPath(import.meta.resolve('sea-ports/lib/ports.json'))

type Listed = { coordinates?: readonly [number, number]; unlocs: readonly string[] }

/**
 * The ports, of the list and of the corrections to it, that a ship can come to; others lie too far from
 * the sea, or the list errs. Degrees are rounded to 0.001, about 100 metres.
 */
export const portsAtSea = async (chart: SeaChart): Promise<Record<string, [number, number]>> => {
  const list = JSON.parse(await readFile(portsFile, 'utf8')) as Record<string, Listed>
  const listed = Object.values(list).flatMap(({ coordinates, unlocs }) =>
    coordinates ? unlocs.map((code) => [code, coordinates] as const) : [],
  )
  const found: Record<string, [number, number]> = {}
  for (const [code, [lon, lat]] of new Map([...listed, ...Object.entries(corrected)])) {
    const place: Place = { lat, lon }
    if (!chart.isSea(place) && chart.seasAround(place, longestApproach).length === 0) continue
    found[code] = [rounded(lon), rounded(lat)]
  }
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Ports that the list has more than five nautical miles from where their ships berth, often in the middle
 * of the town, or has not at all: the harbour that handles most of their containers, to about a nautical
 * mile. Those of the fifty largest container ports that need it are among them.
 */
const corrected: Readonly<Record<string, readonly [lon: number, lat: number]>> = {
  AEKHL: [54.66, 24.81], // Khalifa Port, by Abu Dhabi
  BEANR: [4.27, 51.29], // Deurganck Dock, by Antwerp
  CNCAN: [113.68, 22.63], // Nansha, by Guangzhou
  CNDAL: [121.88, 39.0], // Dayao Bay, by Dalian
  CNDGG: [113.57, 22.87], // Shatian, by Dongguan
  CNDLC: [121.88, 39.0], // Dayao Bay, by Dalian
  CNFOC: [119.29, 25.42], // Jiangyin, by Fuzhou
  CNNBO: [121.85, 29.93], // Beilun, by Ningbo
  CNNGB: [121.85, 29.93], // Beilun, by Ningbo
  CNNSA: [113.68, 22.63], // Nansha, by Guangzhou
  CNQIN: [120.22, 36.02], // Qianwan, by Qingdao
  CNQZH: [108.61, 21.72], // Qinzhou
  CNSGH: [121.6, 31.36], // Waigaoqiao, by Shanghai
  CNSHA: [121.6, 31.36], // Waigaoqiao, by Shanghai
  CNSZX: [113.87, 22.47], // Shekou, by Shenzhen
  CNTAG: [121.2, 31.65], // Taicang, on the Yangtze
  CNTAO: [120.22, 36.02], // Qianwan, by Qingdao
  CNTSN: [117.79, 38.98], // Xingang, by Tianjin
  CNYIK: [122.09, 40.29], // Bayuquan, by Yingkou
  CNYNT: [121.39, 37.56], // Zhifu Bay, by Yantai
  CNYTG: [121.39, 37.56], // Zhifu Bay, by Yantai
  CNYTN: [114.27, 22.57], // Yantian, by Shenzhen
  ECGYE: [-79.91, -2.28], // Puerto Marítimo, by Guayaquil
  EGALY: [29.87, 31.19], // Alexandria
  ESFRO: [-8.25, 43.48], // Ferrol
  ESLUZ: [-15.41, 28.14], // La Luz, by Las Palmas
  ESSAG: [-0.21, 39.64], // Sagunto
  HKHKG: [114.13, 22.34], // Kwai Tsing
  INMUN: [69.7, 22.74], // Mundra
  IRBND: [56.06, 27.11], // Shahid Rajaee, by Bandar Abbas
  JPNGO: [136.85, 35.04], // Tobishima, by Nagoya
  MAPTM: [-5.5, 35.89], // Tanger Med
  MXLZC: [-102.18, 17.94], // Lázaro Cárdenas
  NLRTM: [4.05, 51.96], // Maasvlakte, by Rotterdam
  OMSLL: [54.01, 16.95], // Salalah
  PAMIT: [-79.88, 9.36], // Manzanillo, by Colón
  PAROD: [-79.57, 8.95], // Rodman, by Balboa
  PKBQM: [67.33, 24.77], // Port Qasim
  SAJED: [39.16, 21.47], // Jeddah
  SAKAC: [39.09, 22.52], // King Abdullah Port
  TRAMR: [28.68, 40.97], // Ambarlı, by Istanbul
  TWTXG: [120.51, 24.27], // Taichung
  USHOU: [-95.0, 29.68], // Barbours Cut, by Houston
  USLAX: [-118.26, 33.73], // San Pedro, by Los Angeles
  VNCMT: [107.03, 10.53], // Cai Mep
  VNHPH: [106.78, 20.83], // Dinh Vu, by Haiphong
  VNSGN: [106.79, 10.76], // Cat Lai, by Ho Chi Minh City
}

const rounded = (degrees: number): number => Math.round(degrees * 1_000) / 1_000
