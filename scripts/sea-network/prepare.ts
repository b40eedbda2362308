import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { passageCodes, passageOf } from '../../services/rutas/src/sea-routes/passage.ts'
import { seaChart } from '../../services/rutas/src/sea-routes/sea-chart.ts'
import {
  encodeSeaNetwork,
  readHead,
  readSeaNetworkFile,
  seaNetworkFile,
} from '../../services/rutas/src/sea-routes/sea-network.ts'
import { coastFile, landCells, packed } from './land.ts'
import { portsAtSea, portsFile } from './ports.ts'
import { findSightLines } from './sight-lines.ts'
import { findWaypoints } from './waypoints.ts'

/**
 * Whether the prepared network is made of what there is: the coast, the list of ports, and the code
 * that makes it of them. To make it anew takes half a minute, so its sources are compared.
 */
export const seaNetworkIsCurrent = async (): Promise<boolean> => {
  const present = await readSeaNetworkFile().catch(() => null)
  return present !== null && readHead(present).sources === (await sourcesHash())
}

/** Makes the network and writes its file. */
export const prepareSeaNetwork = async (): Promise<void> => {
  const land = await landCells()
  const bits = packed(land)
  const chart = seaChart(bits)
  const waypoints = findWaypoints(land, chart)
  const lines = findSightLines(waypoints, chart)
  const head = {
    sources: await sourcesHash(),
    waypoints: waypoints.length,
    lines: lines.length,
    ports: await portsAtSea(chart),
  }
  const bytes = encodeSeaNetwork(head, {
    land: bits,
    cells: Uint32Array.from(waypoints, ({ cell }) => cell),
    lines: Uint16Array.from(lines.flatMap(({ from, to }) => [from, to])),
    passages: Int32Array.from(lines, ({ passages }) => passages),
  })
  const compressed = await promisify(brotliCompress)(bytes, {
    params: {
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
  await writeFile(seaNetworkFile, compressed)
}

const sourcesHash = async (): Promise<string> => {
  const hash = createHash('sha256')
  const own = await readdir(import.meta.dirname)
  const rutas = ['geography/geodesy', 'geography/sphere', 'sea-routes/gates']
  const paths = [
    coastFile,
    portsFile,
    ...own.toSorted().map((name) => `${import.meta.dirname}/${name}`),
    ...[...rutas, 'sea-routes/sea-chart', 'sea-routes/sea-network'].map((name) =>
      fileURLToPath(new URL(`../../services/rutas/src/${name}.ts`, import.meta.url)),
    ),
  ]
  for (const path of paths) hash.update(await readFile(path)).update('\0')
  const passages = passageCodes.map((code) => [passageOf(code).gate, passageOf(code).fairway])
  hash.update(JSON.stringify(passages))
  return hash.digest('hex')
}
