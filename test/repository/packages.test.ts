import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { filesBelow, textOf } from './files.ts'

type Manifest = {
  license?: string
  private?: boolean
  type?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}
type Workspace = { catalog: Record<string, string> }

const manifests = filesBelow()
  .filter((path) => /(?:^|\/)package\.json$/.test(path))
  .map((path) => ({ path, manifest: JSON.parse(textOf(path) ?? '{}') as Manifest }))

const catalogs = filesBelow()
  .filter((path) => path.endsWith('pnpm-workspace.yaml'))
  .map((path) => ({ path, catalog: (parse(textOf(path) ?? '') as Workspace).catalog }))

describe('the packages', () => {
  it.each(manifests)('$path takes versions from the catalog', ({ manifest }) => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(wanted.filter(([, version]) => !/^(?:catalog:|workspace:\*)$/.test(version))).toEqual([])
  })

  it.each(manifests)('$path is private, an ES module and under the licence', ({ manifest }) => {
    expect(manifest).toMatchObject({ private: true, type: 'module', license: 'Apache-2.0' })
  })

  it.each(catalogs)('$path pins each version exactly', ({ catalog }) => {
    const loose = Object.entries(catalog).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))
    expect(loose).toEqual([])
    expect(Object.keys(catalog).length).toBeGreaterThan(3)
  })
})
