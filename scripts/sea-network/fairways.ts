import {
  passageCodes,
  passageOf,
  type LonLat,
} from '../../services/rutas/src/sea-routes/passage.ts'

/** Fairways to ports and through narrows that are too narrow for the chart and are no passage. */
const others: readonly (readonly LonLat[])[] = [
  // Antwerp, on the Western Scheldt.
  [
    [3.1, 51.45],
    [3.55, 51.42],
    [3.9, 51.38],
    [4.05, 51.4],
    [4.25, 51.35],
    [4.35, 51.27],
  ],
  // Hamburg, on the Elbe.
  [
    [9.13, 53.89],
    [9.4, 53.82],
    [9.52, 53.63],
    [9.93, 53.54],
  ],
  // Bremerhaven, on the Weser.
  [
    [8.0, 53.85],
    [8.35, 53.68],
    [8.55, 53.53],
  ],
  // Houston.
  [
    [-94.6, 29.25],
    [-94.8, 29.37],
    [-94.85, 29.55],
    [-94.98, 29.7],
    [-95.25, 29.73],
  ],
  // New Orleans, on the Mississippi.
  [
    [-89.43, 28.85],
    [-89.25, 29.15],
    [-89.6, 29.45],
    [-89.95, 29.75],
    [-90.06, 29.94],
  ],
  // Montreal, on the Saint Lawrence.
  [
    [-69.9, 47.75],
    [-70.5, 47.2],
    [-71.2, 46.82],
    [-71.9, 46.62],
    [-72.5, 46.35],
    [-73.1, 46.05],
    [-73.5, 45.6],
  ],
  // Portland in Oregon, on the Columbia.
  [
    [-124.2, 46.24],
    [-123.8, 46.2],
    [-123.2, 46.15],
    [-122.85, 45.95],
    [-122.75, 45.63],
  ],
  // The Kanmon Strait.
  [
    [130.6, 34.05],
    [130.87, 33.95],
    [130.95, 33.95],
    [131.2, 33.9],
  ],
  // The Inland Sea of Japan, from the Kanmon Strait to Osaka and the Kii Channel.
  [
    [131.2, 33.9],
    [132.0, 33.85],
    [132.6, 34.0],
    [132.98, 34.12],
    [133.4, 34.2],
    [133.8, 34.4],
    [134.3, 34.45],
    [134.8, 34.6],
    [135.02, 34.61],
    [135.15, 34.45],
    [135.0, 34.28],
    [134.9, 34.05],
  ],
  // The Elafonisos Strait, by which ships round the Peloponnese.
  [
    [22.5, 36.3],
    [22.95, 36.39],
    [23.3, 36.45],
  ],
  // Hong Kong, by the West Lamma Channel, and on by Ma Wan and Urmston Road to the mouth of the Pearl River.
  [
    [114.08, 22.2],
    [114.1, 22.28],
    [114.12, 22.34],
    [114.06, 22.35],
    [113.97, 22.37],
    [113.9, 22.41],
    [113.84, 22.43],
  ],
  // Hong Kong, by the East Lamma Channel.
  [
    [114.26, 22.12],
    [114.16, 22.22],
    [114.11, 22.29],
  ],
  // Yantian, on Mirs Bay.
  [
    [114.46, 22.4],
    [114.42, 22.51],
    [114.28, 22.56],
  ],
  // Guangzhou, on the Pearl River.
  [
    [113.72, 22.67],
    [113.62, 22.79],
    [113.57, 22.87],
    [113.52, 23.05],
  ],
  // Seattle, on Puget Sound.
  [
    [-123.1, 48.2],
    [-122.75, 48.18],
    [-122.6, 48.0],
    [-122.45, 47.8],
    [-122.4, 47.6],
  ],
  // Vancouver, by Haro Strait.
  [
    [-123.2, 48.35],
    [-123.2, 48.6],
    [-123.1, 48.78],
    [-123.3, 49.0],
    [-123.3, 49.25],
  ],
]

/** Every fairway that is cut into the chart. */
export const fairways: readonly (readonly LonLat[])[] = [
  ...passageCodes.flatMap((code) => {
    const { fairway } = passageOf(code)
    return fairway ? [fairway] : []
  }),
  ...others,
]
