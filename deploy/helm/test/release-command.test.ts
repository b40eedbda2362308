import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'
import { checkChartImage } from '@porttrack/pipeline/chart-image'
import { Cluster } from '@porttrack/release/cluster'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { helmProgram } from '../helm-program.ts'
import { canary, services, stable } from './helm.ts'

const run = promisify(execFile)
const helm = await helmProgram()

const options = { run: 'somebody', helmTimeout: 900, rollbackTimeout: 300, grace: 15 }

describe.each(['test', 'staging', 'prod'] as const)(
  'where images are taken from in %s',
  (environment) => {
    beforeAll(() => {
      vi.stubEnv('PATH', `${dirname(helm)}${delimiter}${process.env['PATH']}`)
    })
    afterAll(() => {
      vi.unstubAllEnvs()
    })

    it.each(services)('is known before %s is released', async (service) => {
      const image = { repository: `ghcr.io/porttrack/porttrack/${service}`, ...stable }
      await expect(checkChartImage({ service, environment }, image)).resolves.toBeUndefined()
      const fork = { ...image, repository: `ghcr.io/fork/porttrack/${service}` }
      await expect(checkChartImage({ service, environment }, fork)).rejects.toThrow(
        `${environment} takes images from ${image.repository}, and this one is in ${fork.repository}`,
      )
    })
  },
)

describe('the Helm of these tests', () => {
  it('is the one that deploys', async () => {
    const workflow = new URL('../../../.github/workflows/_deploy.yml', import.meta.url)
    const [, deploying] =
      /setup-helm@[\s\S]*?version: (v\S+)/.exec(await readFile(workflow, 'utf8')) ?? []
    const { stdout } = await run(helm, ['version', '--template', '{{ .Version }}'])
    expect(deploying).toBe(stdout)
  })
})

describe.each(['test', 'staging', 'prod'] as const)(
  'what the release command asks in %s',
  (environment) => {
    it.each(services)('%s has, with a canary and without', async (service) => {
      const cluster = new Cluster({ service, environment }, options)
      for (const weight of [null, 0, 50]) {
        const wanted = {
          stable,
          canary: weight === null ? null : { ...canary, weight, replicas: 2 },
        }
        const args = [...cluster.templateArguments(wanted), '--namespace', cluster.namespace]
        const { stdout } = await run(helm, args, { maxBuffer: 16_777_216 })
        expect(stdout).toContain(`:${stable.tag}@${stable.digest}`)
        expect(stdout.includes(`:${canary.tag}@${canary.digest}`)).toBe(weight !== null)
      }
    })
  },
)
