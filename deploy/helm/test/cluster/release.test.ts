import { execFile, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { helmProgram, kubectlProgram } from '../../helm-program.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { installCustomKinds } from './custom-kinds.ts'
import { type Figures, startFigures } from './figures.ts'
import { type Node, startNode } from './node.ts'

/**
 * The release command with Helm and kubectl on a real Kubernetes API: what they ask, and what becomes of
 * it, is Kubernetes's own word. The figures are told, since no process runs that could be measured.
 */

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../../release/cli.ts', import.meta.url))
const namespace = 'porttrack-test'
/** @param digit a hexadecimal one, which tells the versions of these tests apart */
const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`

let plane: ControlPlane
let node: Node
let figures: Figures
let path: string

beforeAll(async () => {
  const programs = process.env['KUBERNETES_PROGRAMS']
  if (!programs) throw new Error('KUBERNETES_PROGRAMS is missing: the folder of .ci/kubernetes')
  plane = await startControlPlane(programs)
  await plane.api.post('/api/v1/namespaces', { metadata: { name: namespace } })
  await installCustomKinds(plane.api)
  node = await startNode(plane.api)
  figures = await startFigures({ gateways: () => podsOf('gateway'), weight: weightOf })
  await kubectlProgram()
  path = `${dirname(await helmProgram())}${delimiter}${process.env['PATH']}`
})

afterAll(async () => {
  await figures?.[Symbol.asyncDispose]()
  await node?.[Symbol.asyncDispose]()
  await plane?.[Symbol.asyncDispose]()
})

const podsOf = async (service: string, track?: string): Promise<string[]> => {
  const labels = [`app.kubernetes.io/instance=${service}`, 'app.kubernetes.io/component=server']
  if (track) labels.push(`porttrack.io/track=${track}`)
  const selector = encodeURIComponent(labels.join(','))
  const pods = await plane.api.list(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
  )
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.name)
}

const weightOf = async (service: string): Promise<number> => {
  const map = await plane.api.get(`/api/v1/namespaces/${namespace}/configmaps/${service}-upstreams`)
  const text = map?.data?.[`${service}.json`]
  return text === undefined ? 0 : (JSON.parse(text) as { weight: number }).weight
}

/** The digest that the stable Deployment asks for. */
const stableOf = async (service: string): Promise<string> => {
  const at = `/apis/apps/v1/namespaces/${namespace}/deployments/${service}`
  const image = (await plane.api.get(at))?.spec.template.spec.containers[0].image as string
  return image.slice(image.indexOf('@') + 1)
}

const expectStable = async (service: string, digit: string): Promise<void> => {
  expect({
    stable: await stableOf(service),
    weight: await weightOf(service),
    canaries: await podsOf(service, 'canary'),
  }).toEqual({ stable: digestOf(digit), weight: 0, canaries: [] })
}

const quickly = [
  ['window', 2],
  ['interval', 0.5],
  ['minimum-requests', 10],
  ['patience', 2],
  ['verification', 2],
  ['helm-timeout', 90],
  ['lock-duration', 30],
].map(([name, value]) => `--${name}=${value}`)

type Ended = { exitCode: number; events: { event: string; message: string }[]; errors: string }
type Options = {
  /** Before the programs of these tests. */
  programs?: string
  /** Told of each event; what it gives ends the command by that signal. */
  onEvent?: (event: { event: string; message: string }) => NodeJS.Signals | undefined
}

/** Runs the release command, and gives what it said. */
const command = (args: string[], { programs, onEvent }: Options = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args, ...quickly, '--json'], {
      env: {
        ...process.env,
        PATH: programs ? `${programs}${delimiter}${path}` : path,
        KUBECONFIG: plane.kubeconfig,
        PROMETHEUS_URL: figures.url,
      },
    })
    const events: Ended['events'] = []
    let [rest, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const event = JSON.parse(line) as Ended['events'][number]
        events.push(event)
        const signal = onEvent?.(event)
        if (signal) child.kill(signal)
      }
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ exitCode: code ?? -1, events, errors }))
  })

const release = (service: string, digit: string, options?: Options): Promise<Ended> => {
  const version = `v1.${Number.parseInt(digit, 16)}.0`
  const image = [`--version=${version}`, `--digest=${digestOf(digit)}`]
  return command([service, 'test', ...image], options)
}

const historyOf = async (service: string): Promise<{ revision: number; status: string }[]> => {
  const args = ['history', service, '--namespace', namespace, '--output', 'json']
  const env = { ...process.env, KUBECONFIG: plane.kubeconfig }
  return JSON.parse((await run(await helmProgram(), args, { env })).stdout)
}

/** Whatever it does, the next release begins from one that is whole. */
const requireDeployed = async (service: string): Promise<void> => {
  expect((await historyOf(service)).at(-1)?.status).toBe('deployed')
}

/** With what it said to people, where it is not so. */
const expectDone = ({ exitCode, errors }: Ended): void => {
  expect(exitCode, errors).toBe(0)
}

const good = (): Record<string, string> => ({})

describe('the release command on a Kubernetes API', { timeout: 900_000 }, () => {
  it.each(['gateway', 'barcos'])('installs %s where nothing is', async (service) => {
    expectDone(await release(service, 'a'))
    expect(await stableOf(service)).toBe(digestOf('a'))
    expect((await podsOf(service, 'stable')).length).toBeGreaterThan(0)
    await requireDeployed(service)
  })

  it('takes a good version through its steps to every caller', async () => {
    figures.shown.length = 0
    const ended = await release('barcos', 'b')
    expectDone(ended)
    expect(ended.events.at(-1)).toMatchObject({ event: 'released' })
    expect(figures.shown).toEqual([5, 25, 50, 0])
    await expectStable('barcos', 'b')
    await requireDeployed('barcos')
  })

  it('takes a gateway through its steps, by the weights of its HTTPRoute', async () => {
    expectDone(await release('gateway', 'b'))
    expect(await stableOf('gateway')).toBe(digestOf('b'))
    expect(await podsOf('gateway', 'canary')).toEqual([])
  })

  it('rolls back a version whose figures are bad, at the step at which they are', async () => {
    figures.shown.length = 0
    figures.bad = (weight) => (weight === 25 ? { 'success-rate': '0.98' } : {})
    const { exitCode, errors } = await release('barcos', 'c')
    figures.bad = good
    expect({ exitCode, errors }).toEqual({
      exitCode: 1,
      errors: expect.stringMatching(/answers|success/),
    })
    expect(figures.shown).toEqual([5, 25, 0])
    await expectStable('barcos', 'b')
    await requireDeployed('barcos')
  })

  it('rolls back a version that is bad once everybody has it', async () => {
    let promoted = false
    figures.bad = () => (promoted ? { 'success-rate': '0.98' } : {})
    const { exitCode } = await release('barcos', 'd', {
      onEvent: ({ event }) => void (promoted ||= event === 'promoted'),
    })
    figures.bad = good
    expect({ exitCode, promoted }).toEqual({ exitCode: 1, promoted: true })
    await expectStable('barcos', 'b')
    await requireDeployed('barcos')
  })

  it('rolls back a version whose migration fails, before any pod of it is there', async () => {
    node.broken.add(digestOf('e'))
    const { exitCode } = await release('barcos', 'e')
    expect(exitCode).toBe(1)
    await expectStable('barcos', 'b')
    const failed = await plane.api.get(
      `/apis/batch/v1/namespaces/${namespace}/jobs/barcos-migration`,
    )
    expect(failed).not.toBeNull()
    await requireDeployed('barcos')
  })

  it('rolls back when it is interrupted', async () => {
    const { exitCode } = await release('barcos', 'f', {
      onEvent: ({ message }) => (message.includes('canary at 25 %') ? 'SIGTERM' : undefined),
    })
    expect(exitCode).toBe(1)
    await expectStable('barcos', 'b')
    await requireDeployed('barcos')
  })

  it('is finished by reconcile when it was killed outright', async () => {
    const { exitCode } = await release('barcos', 'f', {
      onEvent: ({ message }) => (message.includes('canary at 50 %') ? 'SIGKILL' : undefined),
    })
    expect(exitCode).toBe(-1)
    expect(await weightOf('barcos')).toBeGreaterThan(0)
    expectDone(await command(['reconcile', 'barcos', 'test']))
    // What helm had begun by then may come back, which the next look finds.
    expectDone(await command(['reconcile', 'barcos', 'test']))
    await expectStable('barcos', 'b')
    await requireDeployed('barcos')
  })

  it('waits for another release of the same service', async () => {
    const [first, second] = await Promise.all([release('barcos', '1'), release('barcos', '2')])
    for (const each of [first, second]) expectDone(each)
    const waited = [first, second].filter(({ events }) =>
      events.some(({ event }) => event === 'waiting'),
    )
    expect(waited).toHaveLength(1)
    await expectStable('barcos', waited[0] === first ? '1' : '2')
  })

  it('brings back what was stable by kubectl where helm does not', async () => {
    const before = await stableOf('barcos')
    const programs = await mkdtemp(join(tmpdir(), 'porttrack-programs-'))
    try {
      const real = await helmProgram()
      const script = `#!/bin/sh\ncase $1 in rollback) echo 'no answer' >&2; exit 1 ;; esac\nexec '${real}' "$@"\n`
      await writeFile(join(programs, 'helm'), script)
      await chmod(join(programs, 'helm'), 0o755)
      let promoted = false
      figures.bad = () => (promoted ? { 'success-rate': '0.98' } : {})
      const { exitCode, errors } = await release('barcos', '3', {
        programs,
        onEvent: ({ event }) => void (promoted ||= event === 'promoted'),
      })
      figures.bad = good
      expect({ exitCode, errors }).toEqual({
        exitCode: 1,
        errors: expect.stringContaining('kubectl'),
      })
      expect(await stableOf('barcos')).toBe(before)
      expect(await weightOf('barcos')).toBe(0)
    } finally {
      await rm(programs, { recursive: true, force: true })
    }
    expectDone(await command(['reconcile', 'barcos', 'test']))
    expect(await stableOf('barcos')).toBe(before)
  })

  it('goes back to the release before the last one when it is asked to', async () => {
    const before = await stableOf('barcos')
    expectDone(await release('barcos', '4'))
    expect(await stableOf('barcos')).toBe(digestOf('4'))
    expectDone(await command(['rollback', 'barcos', 'test']))
    expect(await stableOf('barcos')).toBe(before)
    await requireDeployed('barcos')
  })
})
