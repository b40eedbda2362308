import { describe, expect, it } from 'vitest'
import { filesBelow, textOf } from './files.ts'

/** Written in two halves, so that this file does not hold what it looks for. */
const joined = (...halves: [string, string][]): string =>
  halves.map((each) => each.join('')).join('|')

type Rule = { what: string; pattern: RegExp; except?: RegExp }

const rules: Rule[] = [
  {
    what: 'an absolute path of somebody’s machine',
    pattern: new RegExp(
      String.raw`(?<![\w.~:/)}\]$*-])/(?:${joined(['wo', 'rk'], ['ro', 'ot'], ['ho', 'me'], ['Us', 'ers'])})(?![\w-])`,
    ),
  },
  {
    what: 'the name of a tool that writes code',
    pattern: new RegExp(
      String.raw`\b(?:${joined(['clau', 'de'], ['anthro', 'pic'], ['chat', 'gpt'], ['open', 'ai'], ['copi', 'lot'], ['co', 'dex'], ['gem', 'ini'], ['language ', 'model'])})\b`,
      'i',
    ),
  },
  {
    what: 'the host of a package registry or of its mirror',
    pattern:
      /https?:\/\/[^\s/'"]*(?:registry|mirror|artifactory|nexus|verdaccio)|^\s*(?:tarball:|\/\/|@?[\w-]*:?registry\s*=)\s*['"]?https?:/im,
    except: /\.md$/,
  },
  {
    what: 'a note of work left for later',
    pattern: new RegExp(String.raw`\b(?:${joined(['TO', 'DO'], ['FIX', 'ME'], ['XX', 'X'])})\b`),
  },
]

const faultsIn = (path: string, text: string): string[] =>
  rules.flatMap(({ what, pattern, except }) => {
    const match = except?.test(path) ? null : pattern.exec(text)
    if (!match) return []
    const line = text.slice(0, match.index).split('\n').length
    return [`${path}:${line} has ${what}: ${match[0].trim()}`]
  })

/** Names that say nothing about what is inside. */
const emptyNames = /^(?:utils?|helpers?|common|misc|managers?|base)$/

const nameFaults = (path: string): string[] =>
  path
    .split('/')
    .flatMap((part) =>
      emptyNames.test(part.split('.')[0] ?? '') || /^index\.[cm]?[jt]sx?$/.test(part) ? [path] : [],
    )

const files = filesBelow()

describe('what the product’s files say', () => {
  it('holds no machine’s paths, no tool’s name, no registry, nothing left for later', () => {
    const faults = files.flatMap((path) => {
      const text = textOf(path)
      return text === null ? [] : faultsIn(path, text)
    })
    expect(faults).toEqual([])
    expect(files.length).toBeGreaterThan(100)
  })

  it('is under names that tell what is inside, without barrels', () => {
    expect(files.flatMap(nameFaults)).toEqual([])
  })
})

describe('the rules of language', () => {
  it.each([
    ['cd /ro', 'ot/data'],
    ['"/ho', 'me/someone"'],
    ['made with Copi', 'lot'],
    ['regi', 'stry=https://npm.example.com/'],
    ['https://regi', 'stry.example.com/fastify'],
    ['// FIX', 'ME: later'],
  ])('refuse %s%s', (first, second) => {
    expect(faultsIn('file.ts', first + second)).toHaveLength(1)
  })

  it.each([
    '/personal/v1/work-records',
    'https://example.com/root/',
    '"$folder/root.tar"',
    'a cursor of the feed',
    'const todo = []',
  ])('accept %s', (text) => {
    expect(faultsIn('file.ts', text)).toEqual([])
  })

  it.each(['src/utils.ts', 'src/helpers/dates.ts', 'src/index.ts', 'src/base.test.ts'])(
    'refuse the name %s',
    (path) => {
      expect(nameFaults(path)).toEqual([path])
    },
  )

  it.each(['tsconfig.base.json', 'src/base-station.ts', 'docs/index-of-terms.md'])(
    'accept the name %s',
    (path) => {
      expect(nameFaults(path)).toEqual([])
    },
  )
})
