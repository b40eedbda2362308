import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { textOf } from './files.ts'

const dockerfile = textOf('deploy/image/Dockerfile') ?? ''
const { catalog } = parse(textOf('pnpm-workspace.yaml') ?? '') as {
  catalog: Record<string, string>
}

const argument = (name: string): string =>
  new RegExp(`^ARG ${name}=(.+)$`, 'm').exec(dockerfile)?.[1] ?? ''

describe('the Dockerfile', () => {
  it('builds with what the repository is pinned to', () => {
    expect(argument('TURBO_VERSION')).toBe(catalog['turbo'])
    expect(argument('PNPM_VERSION')).toMatch(/^12\.\d+\.\d+$/)
    expect(argument('BUILD_IMAGE')).toContain(`/node:${catalog['node']}-`)
  })

  it.each(['BUILD_IMAGE', 'BASE_IMAGE'])('pins %s by digest', (name) => {
    expect(argument(name)).toMatch(/^[\w.-]+\.[a-z]+\/[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/)
  })

  it('knows of no service before it has installed the packages of all', () => {
    const installing = dockerfile.indexOf('pnpm install')
    // The one before the first FROM is for the FROM lines alone.
    const [, known = -1] = [...dockerfile.matchAll(/^ARG SERVICE$/gm)].map(({ index }) => index)
    expect(installing).toBeGreaterThan(0)
    expect(known).toBeGreaterThan(installing)
  })
})
