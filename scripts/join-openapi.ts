import { mkdir, writeFile } from 'node:fs/promises'
import { type ApiDocument, joinDocuments } from '../gateway/src/openapi.ts'
import { describeProcesses } from './generate/openapi.ts'
import { processes } from './generate/processes.ts'

/**
 * Writes `reports/openapi.json`: the document of the whole interface, joined as the gateway joins it
 * while all services run.
 */
const described = await describeProcesses(processes)
const documents = described.map(({ definition, document }) => ({
  name: definition.name,
  document: document as ApiDocument,
}))
const own = documents.find(({ name }) => name === 'gateway')
if (!own) throw new Error('the gateway is not among the processes')
const joined = joinDocuments(
  own.document,
  documents.filter((each) => each !== own),
)
const folder = new URL('../reports/', import.meta.url)
await mkdir(folder, { recursive: true })
await writeFile(new URL('openapi.json', folder), JSON.stringify(joined))
