import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { engines, environments, render, services } from './helm.ts'

/** Writes what every chart becomes, with a canary, into the folder of the argument: for scanners. */
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: write-manifests.ts <folder>')
await mkdir(folder, { recursive: true })
for (const service of services) {
  for (const environment of environments) {
    for (const engine of engines) {
      const manifests = await render({ service, environment, engine, canary: true })
      const text = manifests.map((manifest) => stringify(manifest)).join('---\n')
      await writeFile(join(folder, `${service}-${environment}-${engine}.yaml`), text)
    }
  }
}
