import { describe, expect, it } from 'vitest'
import { filesBelow, foldersIn, isPresent, textOf } from './files.ts'
import { fencedBlock, tableBelow } from './markdown.ts'

const document = textOf('ARCHITECTURE.md') ?? ''
const diagram = fencedBlock(document, 'mermaid')

type DiagramNode = { id: string; planned: boolean }

/** A declaration such as `gateway["gateway"]:::planned`; each stands on a line of its own. */
const nodes: DiagramNode[] = [
  ...diagram.matchAll(/^\s*(\w+)(?:\[|\(|\{).*(?:\]|\)|\})(?::::(\w+))?$/gm),
].map(([, id = '', style]) => ({ id, planned: style === 'planned' }))

const pathsIn = (cell = ''): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path.replace(/\/$/, ''))

const places = new Map(
  tableBelow(document, '## Where each part is').map(([id = '', , where]) => [
    id.replaceAll('`', ''),
    pathsIn(where),
  ]),
)
const placed = new Set([...places.values()].flat())

describe('the diagram of ARCHITECTURE.md', () => {
  it.each([
    'cognito',
    'prometheus',
    'grafana',
    'elk',
    'kubernetes',
    'actions',
    'jenkins',
    'slack',
    'hubot',
  ])('has %s', (id) => {
    expect(nodes.map((node) => node.id)).toContain(id)
  })

  it('declares each node once and draws lines only between declared ones', () => {
    const ids = nodes.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
    const lines = diagram.split('\n').filter((line) => /--|-\./.test(line) && !/[[({]/.test(line))
    const ends = lines.flatMap((line) =>
      line
        .replaceAll(/\|[^|]*\|/g, ' ')
        .split(/<?-[-.]+>?|&/)
        .map((end) => end.trim()),
    )
    expect(ends.filter((end) => !ids.includes(end))).toEqual([])
    expect(lines.length).toBeGreaterThan(10)
  })

  it('and the table below it name the same parts', () => {
    expect([...places.keys()].toSorted()).toEqual(nodes.map(({ id }) => id).toSorted())
    expect([...places].filter(([, paths]) => paths.length === 0)).toEqual([])
  })

  it.each(nodes)('$id is there, or marked as planned and not there', ({ id, planned }) => {
    const paths = places.get(id) ?? []
    expect(paths.filter((path) => isPresent(path) === planned)).toEqual([])
  })

  it('has every service, the gateway, every chart and every workflow', () => {
    const parts = [
      ...foldersIn('services').map((name) => `services/${name}`),
      'gateway',
      ...filesBelow('deploy')
        .filter((path) => path.endsWith('/Chart.yaml'))
        .map((path) => path.replace('/Chart.yaml', '')),
      ...filesBelow('.github/workflows'),
    ]
    expect(parts.filter((path) => !placed.has(path))).toEqual([])
    expect(parts.length).toBeGreaterThan(5)
  })
})

describe('the folders that ARCHITECTURE.md lists', () => {
  const rows = tableBelow(document, '## The repository').map(([folder, purpose = '']) => ({
    paths: pathsIn(folder),
    planned: purpose.startsWith('planned'),
  }))

  it.each(rows)('$paths: there, or marked as planned and not there', ({ paths, planned }) => {
    expect(paths.filter((path) => isPresent(path) === planned)).toEqual([])
  })

  it('are all that the repository has', () => {
    const listed = new Set(rows.flatMap(({ paths }) => paths.map((path) => path.split('/')[0])))
    expect(foldersIn().filter((folder) => !listed.has(folder))).toEqual([])
  })
})
