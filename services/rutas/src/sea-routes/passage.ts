import type { Text } from '@porttrack/shared/http/language'

/** Longitude and latitude in degrees, in GeoJSON's order. */
export type LonLat = readonly [lon: number, lat: number]

/** Narrow water that a route may go through, be kept out of, or be let into. */
export type Passage = {
  name: Text
  /** From land to land: a route that crosses it goes through the passage. */
  gate: readonly [LonLat, LonLat]
  /** Fairway, where the passage is too narrow for the chart. */
  fairway?: readonly LonLat[]
  /** Knots that a canal's rules hold ships to, between two points of the fairway, by their places. */
  canal?: { knots: number; first: number; last: number }
  /** Why routes stay out of it unless it is opened. */
  closed?: Text
}

const ice: Text = {
  en: 'ice and need of an icebreaker for most of the year',
  es: 'hielo y necesidad de rompehielos la mayor parte del año',
}

/**
 * The passages by their code. A code's place in the table is its bit in the prepared network, which a
 * test keeps in step.
 */
const passages = {
  suez: {
    name: { en: 'Suez Canal', es: 'canal de Suez' },
    gate: [
      [31.9, 30.85],
      [32.7, 30.85],
    ],
    fairway: [
      [32.35, 31.55],
      [32.33, 31.25],
      [32.31, 30.85],
      [32.29, 30.58],
      [32.37, 30.35],
      [32.56, 29.95],
      [32.55, 29.75],
      [32.65, 29.5],
    ],
    // 16 km/h (Suez Canal Authority, Rules of Navigation).
    canal: { knots: 8.6, first: 1, last: 5 },
  },
  panama: {
    name: { en: 'Panama Canal', es: 'canal de Panamá' },
    gate: [
      [-79.95, 9.0],
      [-79.5, 9.3],
    ],
    fairway: [
      [-79.93, 9.5],
      [-79.92, 9.27],
      [-79.83, 9.2],
      [-79.7, 9.12],
      [-79.6, 9.0],
      [-79.52, 8.85],
      [-79.5, 8.6],
    ],
    // Eight to ten hours from breakwater to buoy, locks included (Panama Canal Authority).
    canal: { knots: 5, first: 1, last: 5 },
  },
  kiel: {
    name: { en: 'Kiel Canal', es: 'canal de Kiel' },
    gate: [
      [9.3, 54.3],
      [9.65, 54.0],
    ],
    fairway: [
      [8.1, 54.02],
      [8.4, 53.98],
      [8.72, 53.89],
      [9.13, 53.89],
      [9.29, 54.02],
      [9.67, 54.29],
      [10.14, 54.37],
      [10.2, 54.45],
      [10.35, 54.55],
    ],
    // 15 km/h (German regulation of traffic on waterways, SeeSchStrO §26).
    canal: { knots: 8.1, first: 3, last: 6 },
  },
  corinth: {
    name: { en: 'Corinth Canal', es: 'canal de Corinto' },
    gate: [
      [22.93, 37.87],
      [23.05, 38.0],
    ],
    fairway: [
      [22.75, 38.03],
      [22.94, 37.96],
      [23.0, 37.92],
      [23.1, 37.85],
    ],
    canal: { knots: 6, first: 1, last: 2 },
    closed: {
      en: 'no room for ships broader than about 17 m',
      es: 'no caben barcos de más de unos 17 m de manga',
    },
  },
  gibraltar: {
    name: { en: 'Strait of Gibraltar', es: 'estrecho de Gibraltar' },
    gate: [
      [-5.6, 36.2],
      [-5.55, 35.7],
    ],
    fairway: [
      [-6.15, 35.92],
      [-5.75, 35.92],
      [-5.45, 35.97],
      [-5.2, 36.02],
      [-4.9, 36.03],
    ],
  },
  dardanelles: {
    name: { en: 'Dardanelles', es: 'Dardanelos' },
    gate: [
      [26.3, 40.45],
      [26.8, 40.15],
    ],
    fairway: [
      [25.9, 39.98],
      [26.15, 40.02],
      [26.38, 40.13],
      [26.41, 40.21],
      [26.68, 40.4],
      [26.95, 40.48],
      [27.4, 40.65],
    ],
  },
  bosporus: {
    name: { en: 'Bosporus', es: 'Bósforo' },
    gate: [
      [28.8, 41.17],
      [29.35, 41.05],
    ],
    fairway: [
      [28.8, 40.8],
      [28.98, 40.98],
      [29.05, 41.08],
      [29.08, 41.17],
      [29.13, 41.25],
      [29.2, 41.45],
    ],
  },
  kerch: {
    name: { en: 'Kerch Strait', es: 'estrecho de Kerch' },
    gate: [
      [36.2, 45.3],
      [36.9, 45.27],
    ],
    fairway: [
      [36.4, 44.9],
      [36.48, 45.12],
      [36.5, 45.25],
      [36.6, 45.36],
      [36.68, 45.43],
      [36.85, 45.6],
    ],
  },
  messina: {
    name: { en: 'Strait of Messina', es: 'estrecho de Mesina' },
    gate: [
      [15.4, 38.2],
      [15.8, 38.22],
    ],
    fairway: [
      [15.45, 37.8],
      [15.59, 38.08],
      [15.6, 38.2],
      [15.66, 38.26],
      [15.72, 38.4],
    ],
  },
  oresund: {
    name: { en: 'Øresund', es: 'Øresund' },
    gate: [
      [12.3, 55.85],
      [13.2, 55.8],
    ],
    fairway: [
      [12.4, 56.3],
      [12.64, 56.05],
      [12.7, 55.95],
      [12.78, 55.75],
      [12.85, 55.55],
      [12.75, 55.35],
      [12.75, 55.1],
    ],
  },
  'great-belt': {
    name: { en: 'Great Belt', es: 'Gran Belt' },
    gate: [
      [10.6, 55.33],
      [11.4, 55.36],
    ],
    fairway: [
      [11.05, 56.2],
      [10.85, 55.85],
      [11.0, 55.55],
      [11.04, 55.34],
      [10.97, 55.1],
      [10.85, 54.8],
      [11.0, 54.65],
      [11.4, 54.55],
      [11.9, 54.45],
    ],
  },
  dover: {
    name: { en: 'Strait of Dover', es: 'paso de Calais' },
    gate: [
      [1.1, 51.25],
      [1.8, 50.75],
    ],
  },
  'bab-el-mandeb': {
    name: { en: 'Bab el-Mandeb', es: 'Bab el-Mandeb' },
    gate: [
      [43.75, 12.85],
      [43.05, 12.35],
    ],
    fairway: [
      [43.15, 12.95],
      [43.33, 12.6],
      [43.55, 12.4],
    ],
  },
  hormuz: {
    name: { en: 'Strait of Hormuz', es: 'estrecho de Ormuz' },
    gate: [
      [56.3, 26.0],
      [56.4, 27.4],
    ],
  },
  malacca: {
    name: { en: 'Strait of Malacca', es: 'estrecho de Malaca' },
    gate: [
      [101.9, 3.2],
      [100.6, 1.7],
    ],
    fairway: [
      [102.3, 1.85],
      [103.0, 1.4],
      [103.4, 1.18],
      [103.73, 1.14],
      [103.87, 1.2],
      [104.08, 1.26],
      [104.4, 1.35],
      [104.8, 1.5],
    ],
  },
  sunda: {
    name: { en: 'Sunda Strait', es: 'estrecho de la Sonda' },
    gate: [
      [106.25, -6.05],
      [105.4, -5.65],
    ],
    fairway: [
      [105.1, -6.5],
      [105.6, -6.1],
      [105.88, -5.88],
      [106.1, -5.6],
    ],
  },
  lombok: {
    name: { en: 'Lombok Strait', es: 'estrecho de Lombok' },
    gate: [
      [115.3, -8.55],
      [116.25, -8.6],
    ],
  },
  torres: {
    name: { en: 'Torres Strait', es: 'estrecho de Torres' },
    gate: [
      [142.5, -11.1],
      [142.5, -9.1],
    ],
    fairway: [
      [141.3, -10.7],
      [142.0, -10.55],
      [142.25, -10.5],
      [142.7, -10.4],
      [143.2, -9.95],
      [143.9, -9.4],
      [144.5, -9.2],
    ],
  },
  magellan: {
    name: { en: 'Strait of Magellan', es: 'estrecho de Magallanes' },
    gate: [
      [-71.3, -53.35],
      [-69.8, -53.35],
    ],
    fairway: [
      [-68.1, -52.45],
      [-69.0, -52.5],
      [-69.65, -52.58],
      [-70.2, -52.68],
      [-70.6, -52.8],
      [-70.85, -53.2],
      [-70.95, -53.6],
      [-71.3, -53.93],
      [-72.0, -53.7],
      [-72.4, -53.55],
      [-73.2, -53.25],
      [-74.0, -52.95],
      [-74.7, -52.7],
      [-75.3, -52.5],
    ],
  },
  bering: {
    name: { en: 'Bering Strait', es: 'estrecho de Bering' },
    gate: [
      [-170.6, 66.4],
      [-167.3, 65.3],
    ],
  },
  'northern-sea-route': {
    name: { en: 'Northern Sea Route', es: 'Ruta Marítima del Norte' },
    gate: [
      [104.3, 76.5],
      [104.3, 90],
    ],
    closed: ice,
  },
  'northwest-passage': {
    name: { en: 'Northwest Passage', es: 'Paso del Noroeste' },
    gate: [
      [-95, 70.5],
      [-95, 90],
    ],
    closed: ice,
  },
} as const satisfies Record<string, Passage>

export type PassageCode = keyof typeof passages

export const passageCodes = Object.keys(passages) as PassageCode[]

/** The rules of a passage by its code. */
export const passageOf = (code: PassageCode): Passage => passages[code]

/** Passages that routes stay out of unless they are opened. */
export const closedPassages = passageCodes.filter((code) => passageOf(code).closed !== undefined)

/** Passages as bits, each at the place of its code in the table. */
export const bitsOf = (codes: readonly PassageCode[]): number =>
  codes.reduce((bits, code) => bits | (1 << passageCodes.indexOf(code)), 0)

/** The passages of some bits. */
export const passagesOf = (bits: number): PassageCode[] =>
  passageCodes.filter((_, n) => (bits & (1 << n)) !== 0)
