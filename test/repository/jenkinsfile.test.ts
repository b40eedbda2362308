import { describe, expect, it } from 'vitest'
import { filesBelow, foldersIn, isPresent, textOf } from './files.ts'

const jenkinsfile = textOf('deploy/jenkins/Jenkinsfile') ?? ''
const code = jenkinsfile.replaceAll(/^\s*\/\/.*$/gm, '')

const choicesOf = (parameter: string): string[] => {
  const list = new RegExp(`name: '${parameter}',\\s*choices: \\[([^\\]]*)\\]`).exec(code)?.[1] ?? ''
  return [...list.matchAll(/'([^']*)'/g)].map(([, choice = '']) => choice)
}

describe('the Jenkinsfile', () => {
  it('offers every service', () => {
    expect(choicesOf('SERVICE')).toEqual(
      expect.arrayContaining([...foldersIn('services'), 'gateway']),
    )
    expect(choicesOf('SERVICE')).toHaveLength(foldersIn('services').length + 1)
  })

  it('schedules what it offers: a rehearsal each night, a drill of each database, and clearing up', () => {
    const scheduled = [...code.matchAll(/%(\S+)/g)].map(([, values = '']) =>
      Object.fromEntries(values.split(';').map((pair) => pair.split('='))),
    ) as Record<string, string>[]
    for (const values of scheduled) {
      for (const [name, value] of Object.entries(values)) expect(choicesOf(name)).toContain(value)
    }
    const drilled = scheduled.filter(({ ACTION }) => ACTION === 'drill')
    expect(new Set(drilled.map(({ SERVICE }) => SERVICE))).toEqual(new Set(foldersIn('services')))
    expect(scheduled.map(({ ACTION }) => ACTION)).toContain('rehearse')
    const reconciled = scheduled.filter(({ ACTION }) => ACTION === 'reconcile')
    expect(reconciled.map(({ ENVIRONMENT }) => ENVIRONMENT)).toEqual(choicesOf('ENVIRONMENT'))
  })

  it('hands parameters to scripts by environment, never as part of their text', () => {
    const scripts = [...code.matchAll(/\bsh\s+(.*)$/gm)].map(([, script = '']) => script)
    expect(scripts.length).toBeGreaterThan(3)
    expect(scripts.filter((script) => !/^'[^']*'$/.test(script))).toEqual([])
  })

  it('runs scripts that are there and that a test runs', () => {
    const tests = filesBelow('deploy/pipeline')
      .filter((path) => path.endsWith('.test.ts'))
      .map((path) => textOf(path) ?? '')
      .join('\n')
    const scripts = [...code.matchAll(/node (deploy\/\S+\.ts)/g)].map(([, path = '']) => path)
    expect(scripts.length).toBeGreaterThan(2)
    expect(scripts.filter((path) => !isPresent(path))).toEqual([])
    expect(scripts.filter((path) => !tests.includes(`'${path.split('/').at(-1)}'`))).toEqual([])
  })
})
