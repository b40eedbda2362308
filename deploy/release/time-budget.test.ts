import { readFile } from 'node:fs/promises'
import { environments } from '@porttrack/pipeline/services'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readCommandLine } from './command-line.ts'
import { settingsOf } from './settings.ts'
import { leastTime, mostTime, rollbackTime } from './time-budget.ts'

const textOf = (path: string): Promise<string> =>
  readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

/** Seconds for what is around the release command: the machine is set up, the chart is tested twice. */
const around = 600 + 2 * 300

/** What a pipeline does at most: it releases, and takes back what fails the test of its chart. */
const pipelineTime = (environment: (typeof environments)[number]): number => {
  const settings = settingsOf[environment]
  return around + mostTime(settings) + settings.lockTimeout + rollbackTime(settings)
}

describe.each(environments)('in %s', (environment) => {
  it('a release has time for every step, with half as much again for what is not watched', () => {
    const settings = settingsOf[environment]
    expect(settings.releaseLimit).toBeGreaterThan(leastTime(settings) * 1.5)
  })

  it('GitHub and Jenkins leave it as much as it may need', async () => {
    const workflow = parse(await textOf('.github/workflows/_deploy.yml')) as {
      jobs: { deploy: { 'timeout-minutes': number } }
    }
    const minutes = workflow.jobs.deploy['timeout-minutes']
    expect(minutes * 60).toBeGreaterThanOrEqual(pipelineTime(environment))
    // The longest that GitHub gives a job.
    expect(minutes).toBeLessThanOrEqual(360)
    const jenkinsfile = await textOf('deploy/jenkins/Jenkinsfile')
    const [, hours] = /timeout\(time: (\d+), unit: 'HOURS'\)/.exec(jenkinsfile) ?? []
    expect(Number(hours) * 3_600).toBeGreaterThanOrEqual(pipelineTime(environment))
  })
})

it('asks for no more time than a release may take', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const args = ['barcos', 'prod', '--version', 'v1.0.0', '--digest', digest]
  const read = (...more: string[]) =>
    readCommandLine([...args, '--prometheus', 'http://localhost', ...more], {})
  expect(read('--window', '2000')?.settings.window).toBe(2_000)
  expect(() => read('--window', '2400')).toThrow(
    'a release is watched for 7500 s, and may take no longer than 7200 s (--release-limit)',
  )
  expect(() => read('--lock-duration', '0')).toThrow('--lock-duration')
})
