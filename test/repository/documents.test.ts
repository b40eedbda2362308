import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow, isPresent, textOf } from './files.ts'
import { anchorsOf, codeSpansOf, linksOf, tableBelow } from './markdown.ts'

const documents = filesBelow().filter((path) => path.endsWith('.md'))

/** The scripts of the package in a folder. */
const scriptsIn = (folder: string): string[] => {
  const manifest = posix.join(folder, 'package.json')
  if (!isPresent(manifest)) return []
  const { scripts = {} } = JSON.parse(textOf(manifest) ?? '') as { scripts?: object }
  return Object.keys(scripts)
}

/** Faults of the links of `markdown`, found at `path`. */
const linkFaults = (path: string, markdown: string): string[] =>
  linksOf(markdown).flatMap(({ target, line }) => {
    if (/^[a-z][\w+.-]*:/i.test(target)) return []
    const [file = '', anchor] = decodeURI(target).split('#', 2)
    const linked = file === '' ? path : posix.join(posix.dirname(path), file)
    const at = `${path}:${line} links to ${target}`
    if (!isPresent(linked)) return [`${at}, which does not exist`]
    if (anchor === undefined || !linked.endsWith('.md')) return []
    const text = linked === path ? markdown : (textOf(linked) ?? '')
    return anchorsOf(text).has(anchor) ? [] : [`${at}, which has no such heading`]
  })

/** Paths of this repository that a document shows as code. */
const repositoryPath =
  /^(?:packages|services|gateway|console|chatops|scripts|test|docs|deploy|checks|bench|\.github|\.ci)\/[\w./-]*\w$/

/** Parts that ARCHITECTURE.md announces, and what is generated into a clone. */
const absentByRight = new Set(
  ['## Where each part is', '## The repository'].flatMap((heading) =>
    tableBelow(textOf('ARCHITECTURE.md') ?? '', heading).flatMap((cells) =>
      codeSpansOf(cells.join(' ')).map(({ target }) => target.replace(/\/$/, '')),
    ),
  ),
)

const pathFaults = (path: string, markdown: string): string[] =>
  codeSpansOf(markdown).flatMap(({ target, line }) =>
    !repositoryPath.test(target) ||
    isPresent(target) ||
    absentByRight.has(target) ||
    target.includes('/generated/')
      ? []
      : [`${path}:${line} names ${target}, which does not exist`],
  )

const command = /npx -y pnpm@12 (?:-s )?(?:-C (\S+) )?([a-z][\w:-]*)/g

const commandFaults = (path: string, markdown: string): string[] =>
  [...markdown.matchAll(command)].flatMap(([, folder = '', script = '']) =>
    script === 'install' || scriptsIn(folder).includes(script)
      ? []
      : [`${path} runs the script "${script}", which ${folder || 'the root'} does not have`],
  )

/** The chapters of a document, each with its heading. */
const chaptersOf = (path: string): string[] =>
  (textOf(path) ?? '').split(/^(?=## )/m).filter((chapter) => chapter.startsWith('## '))

describe('the documents', () => {
  it('link to what exists', () => {
    expect(documents.flatMap((path) => linkFaults(path, textOf(path) ?? ''))).toEqual([])
  })

  it('name files that exist', () => {
    expect(documents.flatMap((path) => pathFaults(path, textOf(path) ?? ''))).toEqual([])
  })

  it('run commands that exist', () => {
    expect(documents.flatMap((path) => commandFaults(path, textOf(path) ?? ''))).toEqual([])
  })

  it('are all there', () => {
    const wanted = [
      'README',
      'ARCHITECTURE',
      'CONTRIBUTING',
      'SECURITY',
      'CHANGELOG',
      'docs/glossary',
    ]
    expect(wanted.map((name) => `${name}.md`).filter((path) => !isPresent(path))).toEqual([])
    expect(textOf('LICENSE')).toMatch(/^\s*Apache License\s+Version 2\.0, January 2004\s/)
  })

  it('name each error and each condition of a service once', () => {
    const tables = [
      ...chaptersOf('docs/errors.md').map((chapter) =>
        tableBelow(chapter, chapter.split('\n')[0] ?? ''),
      ),
      ...chaptersOf('docs/states.md')
        .filter((chapter) => chapter.includes('\n### Conditions\n'))
        .map((chapter) => tableBelow(chapter, '### Conditions')),
    ]
    expect(tables.length).toBeGreaterThan(0)
    const codes = tables.map((rows) => rows.map(([code]) => code))
    expect(codes.flatMap((each) => each.filter((code, at) => each.indexOf(code) !== at))).toEqual(
      [],
    )
  })

  it('tell decisions as background, decision, consequences and example, numbered without gaps', () => {
    const decisions = filesBelow('docs/adr')
      .filter((path) => /\/\d{4}-[a-z0-9-]+\.md$/.test(path))
      .toSorted()
    expect(decisions.map((path) => Number(posix.basename(path).slice(0, 4)))).toEqual(
      decisions.map((_, index) => index + 1),
    )
    const headings = ['## Background', '## Decision', '## Consequences', '## Example']
    const listed = new Set(linksOf(textOf('docs/adr/README.md') ?? '').map(({ target }) => target))
    const faults = decisions.flatMap((path) => {
      const lines = new Set((textOf(path) ?? '').split('\n'))
      return [
        ...headings.flatMap((heading) => (lines.has(heading) ? [] : [`${path} lacks ${heading}`])),
        ...(listed.has(posix.basename(path)) ? [] : [`${path} is not in the list`]),
      ]
    })
    expect(faults).toEqual([])
  })
})

describe('the OpenAPI documents', () => {
  const described = filesBelow('docs/openapi').filter((path) => path.endsWith('.json'))

  it('name each resource as it is asked for, without a slash at the end', () => {
    const paths = described.flatMap((path) =>
      Object.keys((JSON.parse(textOf(path) ?? '{}') as { paths: object }).paths),
    )
    expect(paths.length).toBeGreaterThan(0)
    expect(paths.filter((path) => path !== '/' && path.endsWith('/'))).toEqual([])
  })
})

describe('the rules of documents', () => {
  const sample = '# A heading: `code` & more\n\n'

  it.each([
    ['CONTRIBUTING.md', '[a](docs/no-such-file.md)'],
    ['docs/glossary.md', '[a](CONTRIBUTING.md)'],
    ['CONTRIBUTING.md', '[a](#no-such-heading)'],
    ['CONTRIBUTING.md', '[a]: docs/no-such-file.md'],
  ])('refuse, in %s, %s', (path, text) => {
    expect(linkFaults(path, sample + text)).toHaveLength(1)
  })

  it('accept links elsewhere, to headings, and what is only shown', () => {
    const text = `${sample}[a](https://example.com/x.md) [b](#a-heading-code--more) \`[c](none.md)\`
\`\`\`
[d](none.md)
\`\`\`
[e](docs/glossary.md "title")`
    expect(linkFaults('CONTRIBUTING.md', text)).toEqual([])
  })

  it('refuse paths and commands that do not exist', () => {
    expect(pathFaults('a.md', 'see `packages/shared/src/nothing.ts`')).toHaveLength(1)
    expect(pathFaults('a.md', 'see `services/<name>/src/access.ts` and `src/x.ts`')).toEqual([])
    expect(commandFaults('a.md', '    npx -y pnpm@12 nothing')).toHaveLength(1)
    expect(commandFaults('a.md', '    npx -y pnpm@12 -C packages/ais dev')).toHaveLength(1)
    expect(commandFaults('a.md', '    npx -y pnpm@12 -C packages/ais test mmsi')).toEqual([])
    expect(commandFaults('a.md', '`npx -y pnpm@12 -s ais decode`')).toEqual([])
  })
})

describe('what a large feed asks of PostgreSQL', () => {
  it('is measured as the document has it', () => {
    const rows = tableBelow(textOf('docs/ais-feeds.md') ?? '', '## Many reports')
    const told = rows.map(([name = '', value = '']) =>
      [name, value].map((each) => each.slice(1, -1)),
    )
    const source = textOf('bench/large-feed.ts') ?? ''
    const measured = [...source.matchAll(/^ {2}(\w+): '(.*)',$/gm)].map(([, ...parts]) => parts)
    expect(told).toEqual(measured)
    expect(told).not.toEqual([])
  })
})

type Absence = { properties: { code: { enum: string[]; description: string } } }

describe('why a voyage has no estimate', () => {
  it('is told by the document in the words of the API', () => {
    const rows = tableBelow(textOf('docs/voyages.md') ?? '', '## When the ship arrives')
    const told = rows.map(([code = '', when = '']) => `${code.slice(1, -1)} ${when}`)
    const { components } = JSON.parse(textOf('docs/openapi/rutas.json') ?? '{}') as {
      components: { schemas: { Voyage: { properties: { etaAbsence: { anyOf: [Absence] } } } } }
    }
    const [{ properties }] = components.schemas.Voyage.properties.etaAbsence.anyOf
    expect(told.map((each) => each.split(' ', 1)[0])).toEqual(properties.code.enum)
    expect(told.join('; ')).toBe(properties.code.description)
  })
})
