import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { settings as chatopsSettings } from '../chatops/src/settings.ts'
import { observabilityFiles } from '../deploy/observability/generated-files.ts'
import { valuesPage } from '../deploy/helm/values-page.ts'
import { valuesSchema } from '../deploy/helm/values-schema.ts'
import { alertsPage } from './generate/alerts.ts'
import { configurationPage } from './generate/configuration.ts'
import { errorsPage } from './generate/errors.ts'
import { eventsPage } from './generate/events.ts'
import { describeProcesses, openApiDocuments } from './generate/openapi.ts'
import { permissionsPage } from './generate/permissions.ts'
import { processes, services } from './generate/processes.ts'
import { statesPage } from './generate/states.ts'
import { prepareSeaNetwork, seaNetworkIsCurrent } from './sea-network/prepare.ts'

const described = await describeProcesses(processes)

/**
 * Writes the documents that are made from the code, and the network of sea routes; with `--check` it
 * writes nothing and fails when one is stale.
 */
const generated: Record<string, string> = {
  'docs/alerts.md': alertsPage(),
  'docs/configuration.md': configurationPage(processes, { chatops: chatopsSettings }),
  'docs/errors.md': errorsPage(processes),
  'docs/events.md': eventsPage(services),
  'docs/states.md': statesPage(services),
  'docs/permissions.md': permissionsPage(described),
  'docs/chart-values.md': await valuesPage(processes),
  ...openApiDocuments(described),
  ...Object.fromEntries(
    Object.entries(observabilityFiles()).map(([path, content]) => [
      `deploy/observability/${path}`,
      content,
    ]),
  ),
  ...Object.fromEntries(
    processes.map((process) => [
      `deploy/helm/${process.name}/values.schema.json`,
      `${JSON.stringify(valuesSchema(process), null, 2)}\n`,
    ]),
  ),
}

const root = new URL('../', import.meta.url)
const stale: string[] = []
for (const [path, content] of Object.entries(generated)) {
  const target = fileURLToPath(new URL(path, root))
  const present = await readFile(target, 'utf8').catch(() => null)
  if (present === content) continue
  stale.push(path)
  if (process.argv.includes('--check')) continue
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, content)
}

if (!(await seaNetworkIsCurrent())) {
  stale.push('services/rutas/sea-network/sea-network.bin')
  if (!process.argv.includes('--check')) await prepareSeaNetwork()
}

if (process.argv.includes('--check') && stale.length > 0) {
  process.stderr.write(`stale, run "npx -y pnpm@12 generate":\n  ${stale.join('\n  ')}\n`)
  process.exitCode = 1
} else {
  const count = Object.keys(generated).length + 1
  process.stdout.write(
    `${count} documents, ${stale.length} ${stale.length === 1 ? 'was' : 'were'} stale\n`,
  )
}
