import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { filesBelow, foldersIn, isPresent, textOf } from './files.ts'
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
      wanted.filter((script) => !new RegExp(String.raw`pnpm@12\S* ${script}(?!\S)`).test(scripts)),
    ).toEqual([])
    expect(scripts).toContain('.ci/storage-suites')
    expect(scripts).toContain('.ci/images')
    expect(scripts).toContain('test:restore')
    expect(scripts).toMatch(/pnpm@12\S* jenkins/)
  })

  it('have the pnpm that images are built with', () => {
    const [, built] = /^ARG PNPM_VERSION=(.+)$/m.exec(textOf('deploy/image/Dockerfile') ?? '') ?? []
    const elsewhere = ['deploy/jenkins/Jenkinsfile', 'deploy/pipeline/pnpm.ts'].map(textOf)
    const texts = [...workflows.map(({ source }) => source), ...elsewhere].join('\n')
    const found = [...texts.matchAll(/pnpm@(\S+?)['\s]/g)].map(([, version]) => version)
    expect(found.length).toBeGreaterThan(5)
    expect(new Set(found)).toEqual(new Set([built]))
  })

  it('look after what releases have left in every environment, waiting for no approval', () => {
    const { jobs } = parse(textOf('.github/workflows/reconcile.yml') ?? '') as {
      jobs: { reconcile: { strategy: { matrix: { environment: string[] } } } }
    }
    const { environment } = jobs.reconcile.strategy.matrix
    const all = filesBelow('deploy/helm/environments').map((path) => /(\w+)\.yaml$/.exec(path)?.[1])
    expect(new Set(environment)).toEqual(new Set(all.filter((name) => name !== 'dev')))
    const { deploy } = (
      parse(textOf('.github/workflows/_deploy.yml') ?? '') as {
        jobs: { deploy: { environment: string; concurrency: { group: string; queue: string } } }
      }
    ).jobs
    expect(deploy.environment).toContain("inputs.action == 'reconcile' && '-reconcile'")
    // A deployment that waits is not replaced by a later one.
    expect(deploy.concurrency.queue).toBe('max')
  })
})

describe('a push to main that fails', () => {
  it.each(['ci', 'security'])('is told, whichever check of %s it failed', (name) => {
    const { jobs } = parse(textOf(`.github/workflows/${name}.yml`) ?? '') as {
      jobs: Record<string, { needs?: string[] }>
    }
    // The job `infrastructure` of ci tells of changes itself.
    const telling = new Set(['failed', ...(name === 'ci' ? ['infrastructure'] : [])])
    const checks = Object.keys(jobs).filter((job) => !telling.has(job))
    expect(new Set(jobs['failed']?.needs)).toEqual(new Set(checks))
  })
})

describe('a build that fails', () => {
  it('is told, whichever job it was', () => {
    const { jobs } = parse(textOf('.github/workflows/_service.yml') ?? '') as {
      jobs: Record<string, { needs?: string[]; uses?: string; steps?: { run?: string }[] }>
    }
    const tellThemselves = Object.entries(jobs).filter(
      ([, { uses, steps }]) =>
        uses !== undefined || steps?.some(({ run }) => run?.includes('notify.ts')),
    )
    const told = [...tellThemselves.map(([name]) => name), ...(jobs['failed']?.needs ?? [])]
    expect(new Set(told)).toEqual(new Set(Object.keys(jobs)))
  })
})

describe('a service', () => {
  const services = [...foldersIn('services'), 'gateway']

  it.each(services)('%s has a thin workflow of the one shape', (service) => {
    const own = textOf(`.github/workflows/${service}.yml`) ?? ''
    const barcos = textOf('.github/workflows/barcos.yml') ?? ''
    expect(own).toBe(barcos.replaceAll('barcos', service))
  })

  it('passes through test, staging and prod, each after the one before', () => {
    const { jobs } = parse(textOf('.github/workflows/_service.yml') ?? '') as {
      jobs: Record<string, { needs: string[]; uses?: string; with?: { environment?: string } }>
    }
    const path = ['publish', 'test', 'staging', 'prod', 'promote']
    for (const [index, name] of path.entries()) {
      if (index > 0) expect(jobs[name]?.needs).toContain(path[index - 1])
    }
    for (const name of ['test', 'staging', 'prod']) {
      expect(jobs[name]).toMatchObject({
        uses: './.github/workflows/_deploy.yml',
        with: { environment: name },
      })
    }
    expect(jobs['publish']?.needs).toEqual(['check', 'image'])
  })
})

describe('the scripts of the pipeline', () => {
  const run = workflows.flatMap(
    ({ source }) =>
      scriptsOf(source)
        .join('\n')
        .match(/deploy\/\S+\.ts/g) ?? [],
  )
  const tests = filesBelow('deploy/pipeline')
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => textOf(path) ?? '')
    .join('\n')

  it.each([...new Set(run)])('%s is there, and a test runs it', (path) => {
    expect(isPresent(path)).toBe(true)
    expect(tests).toContain(`'${path.split('/').at(-1)}'`)
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
    ['a program without version', 'echo "$NAME"', 'npx -y pnpm@12 test'],
    ['has several lines', 'run: echo "$NAME"', 'run: |\n          echo a\n          echo b'],
    [
      'installs with scripts, with an environment',
      'steps:\n',
      'environment: prod\n    concurrency: { group: a, cancel-in-progress: false }\n    steps:\n      - run: npx -y pnpm@12.0.0 install --frozen-lockfile\n',
    ],
    [
      'must be false, with an environment',
      'timeout-minutes',
      'environment: prod\n    timeout-minutes',
    ],
    [
      'secrets.TOKEN: checks of a fork have none',
      'on: [push]',
      'on: [pull_request]\nenv:\n  TOKEN: ${{ secrets.TOKEN }}',
    ],
  ])('refuse: %s', (fault, from, to) => {
    expect(good).toContain(from)
    expect(faultsOf(good.replace(from, to))).toEqual([expect.stringContaining(fault)])
  })
})
