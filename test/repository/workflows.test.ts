import { describe, expect, it } from 'vitest'
import { filesBelow, textOf } from './files.ts'
import { faultsOf, scriptsOf } from './workflow-rules.ts'

const workflows = filesBelow('.github/workflows').map((path) => ({
  path,
  source: textOf(path) ?? '',
}))

describe('the workflows', () => {
  it.each(workflows)('$path keeps the rules', ({ source }) => {
    expect(faultsOf(source)).toEqual([])
  })

  it('use each action at one commit', () => {
    const commits = new Map<string, Set<string>>()
    for (const { source } of workflows) {
      for (const [, action = '', commit = ''] of source.matchAll(/uses:\s*([^@\s]+)@(\S+)/g)) {
        commits.set(action, (commits.get(action) ?? new Set()).add(commit))
      }
    }
    expect([...commits].filter(([, found]) => found.size > 1)).toEqual([])
    expect(commits.size).toBeGreaterThan(0)
  })

  it('run or name every step of .ci/run', () => {
    const steps = [...(textOf('.ci/run') ?? '').matchAll(/\bstep '[^']+' pnpm (.+)/g)]
    const scripts = scriptsOf(textOf('.github/workflows/ci.yml') ?? '').join('\n')
    // Measurements take a machine that nobody else uses.
    const wanted = steps.flatMap(([, script = '']) => (script === 'bench' ? [] : [script]))
    expect(wanted).toEqual(expect.arrayContaining(['test', 'check', 'test:e2e']))
    expect(
      wanted.filter((script) => !new RegExp(String.raw`pnpm@12 ${script}(?!\S)`).test(scripts)),
    ).toEqual([])
    expect(scripts).toContain('.ci/storage-suites')
    expect(scripts).toContain('.ci/images')
  })
})

describe('the rules of workflows', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567'
  const good = `on: [push]
permissions: {}
concurrency:
  group: a
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read # to check the sources out
    steps:
      - uses: actions/checkout@${commit} # v1.2.3
        with:
          persist-credentials: false
      - run: echo "$NAME"
`
  it('accept a workflow that keeps them', () => {
    expect(faultsOf(good)).toEqual([])
  })

  it.each([
    ['on: pull_request_target', 'on: [push]', 'on: pull_request_target'],
    ['permissions: must be {}', 'permissions: {}', 'permissions: read-all'],
    ['concurrency: is missing', 'concurrency:\n  group: a\n', ''],
    ['runs-on: must name', 'ubuntu-24.04', 'ubuntu-latest'],
    ['timeout-minutes: is missing', '    timeout-minutes: 5\n', ''],
    ['contents: has no reason', ' # to check the sources out', ''],
    ['must list each right', '\n      contents: read # to check the sources out', ' write-all'],
    ['is not pinned', `@${commit}`, '@v1'],
    ['no version as comment', ' # v1.2.3', ''],
    ['persist-credentials: must be false', 'credentials: false', 'credentials: true'],
    ['expression in a script', '"$NAME"', '"${{ github.event.issue.title }}"'],
  ])('refuse: %s', (fault, from, to) => {
    expect(good).toContain(from)
    expect(faultsOf(good.replace(from, to))).toEqual([expect.stringContaining(fault)])
  })
})
