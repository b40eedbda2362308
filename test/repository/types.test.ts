import { execFile } from 'node:child_process'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { filesBelow, textOf } from './files.ts'

type Manifest = { scripts?: { build?: string; types?: string } }
/** What `tsc --showConfig` makes of a project; its paths are relative to the project's folder. */
type Shown = { files?: string[]; references?: { path: string }[] }

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

const packages = filesBelow()
  .filter((path) => path.endsWith('/package.json'))
  .map((path) => ({
    folder: posix.dirname(path),
    scripts: (JSON.parse(textOf(path) ?? '{}') as Manifest).scripts ?? {},
  }))
const checked = packages.filter(({ scripts }) => scripts.types !== undefined)

/** The files of the project that `tsc -b` is given, and of those it refers to; by project. */
const filesOf = async (project: string, known = new Map<string, string[]>()) => {
  if (known.has(project)) return known
  const { stdout } = await run(process.execPath, [compiler, '-p', project, '--showConfig'], {
    cwd: root,
  })
  const { files = [], references = [] } = JSON.parse(stdout) as Shown
  const folder = posix.dirname(project)
  known.set(
    project,
    files.map((file) => posix.join(folder, file)),
  )
  for (const { path } of references) {
    const referred = posix.join(folder, path)
    await filesOf(path.endsWith('.json') ? referred : `${referred}/tsconfig.json`, known)
  }
  return known
}

const projects = new Map<string, string[]>()
for (const { folder } of checked) await filesOf(`${folder}/tsconfig.json`, projects)

describe('the check of types', () => {
  it.each(checked)('of $folder is of its project and of those that it refers to', ({ scripts }) => {
    expect(scripts.types).toBe('tsc -b')
  })

  it('takes every TypeScript file', () => {
    const taken = new Set([...projects.values()].flat())
    const present = filesBelow().filter((path) => /\.[cm]?tsx?$/.test(path))
    expect(present.filter((path) => !taken.has(path))).toEqual([])
    expect(present.length).toBeGreaterThan(100)
  })
})

describe('a build', () => {
  const built = packages.filter(({ scripts }) => scripts.build !== undefined)

  it.each(built)('of $folder holds no tests', ({ folder, scripts }) => {
    const project = `${folder}/tsconfig.build.json`
    expect(scripts.build).toBe('tsc -b tsconfig.build.json')
    const files = projects.get(project) ?? []
    expect(files).not.toEqual([])
    expect(files.filter((path) => path.endsWith('.test.ts'))).toEqual([])
  })
})
