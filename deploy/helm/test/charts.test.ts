import { describe, expect, it } from 'vitest'
import { type Chart, engines, environments, lint, type Manifest, render, services } from './helm.ts'
import { faultsOf } from './schemas.ts'

const combinations: Chart[] = services.flatMap((service) =>
  environments.flatMap((environment) =>
    [false, true].flatMap((canary) =>
      engines.map((engine) => ({ service, environment, canary, engine })),
    ),
  ),
)

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`

describe.each(combinations)('$service in $environment, canary $canary, $engine', (chart) => {
  it('is found in order by Helm', async () => {
    await expect(lint(chart)).resolves.toBeUndefined()
  })

  it('is what its schemas ask for', async () => {
    const manifests = await render(chart)
    expect(manifests.length).toBeGreaterThan(10)
    const faults: Record<string, string[]> = {}
    for (const manifest of manifests) {
      const found = await faultsOf(manifest)
      if (found.length > 0) faults[nameOf(manifest)] = found
    }
    expect(faults).toEqual({})
    const names = manifests.map(nameOf)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})
