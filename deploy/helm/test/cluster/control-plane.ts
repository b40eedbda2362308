import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, apiClient } from './api-client.ts'

/** What turns Deployments into pods, ends Jobs, and clears away what nobody owns any more. */
const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'job-controller',
  'disruption-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
]

export type ControlPlane = AsyncDisposable & {
  api: ApiClient
  /** For helm and kubectl. */
  kubeconfig: string
}

/** Several at once, so that none is given twice. */
const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((done) => server.once('listening', done))))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/**
 * Starts a Kubernetes without nodes: etcd, the API, the controllers of workloads, and the scheduler, from
 * the folder of programs that `.ci/kubernetes` makes. All listen on this machine alone.
 *
 * @throws when one of them ends, or the API is not ready within two minutes
 */
export const startControlPlane = async (programs: string): Promise<ControlPlane> => {
  const folder = await mkdtemp(join(tmpdir(), 'porttrack-kubernetes-'))
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3)
  const etcd = `http://127.0.0.1:${etcdPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  const url = `https://127.0.0.1:${port}`
  const token = 'tests'
  const inside = (name: string): string => join(folder, name)
  const authority = inside('certificates/apiserver.crt')
  const kubeconfig = inside('kubeconfig')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  await writeFile(inside('accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }))
  await writeFile(inside('tokens.csv'), `${token},admin,admin,system:masters\n`)

  const running: { name: string; child: ChildProcess }[] = []
  const start = (program: string, flags: Record<string, string | number | boolean>): void => {
    const name = program.split('/').at(-1) ?? program
    const log = openSync(inside(`${name}.log`), 'a')
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)
    // Each ends with this process, however that ends.
    const bound = ['--pdeathsig', 'KILL', program, ...args]
    running.unshift({ name, child: spawn('setpriv', bound, { stdio: ['ignore', log, log] }) })
    closeSync(log)
  }
  const stop = async (): Promise<void> => {
    for (const { child } of running) {
      if (child.exitCode !== null || child.pid === undefined) continue
      const ended = new Promise((done) => child.once('exit', done))
      child.kill('SIGKILL')
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }
  const requireAll = async (): Promise<void> => {
    const ended = running.find(({ child }) => child.exitCode !== null || child.pid === undefined)
    if (!ended) return
    const log = await readFile(inside(`${ended.name}.log`), 'utf8')
    throw new Error(`${ended.name} has ended: ${log.slice(-2_000)}`)
  }

  try {
    start('etcd', {
      'data-dir': inside('etcd'),
      'listen-client-urls': etcd,
      'advertise-client-urls': etcd,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
      'unsafe-no-fsync': true,
    })
    start(join(programs, 'kube-apiserver'), {
      'etcd-servers': etcd,
      'bind-address': '127.0.0.1',
      'secure-port': port,
      'cert-dir': inside('certificates'),
      'token-auth-file': inside('tokens.csv'),
      'authorization-mode': 'RBAC',
      'service-account-issuer': 'https://porttrack.example',
      'service-account-key-file': inside('accounts.key'),
      'service-account-signing-key-file': inside('accounts.key'),
      'service-cluster-ip-range': '10.96.0.0/16',
      'endpoint-reconciler-type': 'none',
    })
    const deadline = performance.now() + 120_000
    let api: ApiClient | null = null
    while (api === null) {
      if (performance.now() > deadline) throw new Error('the API is not ready after two minutes')
      await sleep(250)
      await requireAll()
      const candidate = await apiClient({ url, token, authority }).catch(() => null)
      const ready = await candidate?.list('/apis/apps/v1/deployments').catch(() => null)
      if (ready) api = candidate
    }
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'tests', cluster: { server: url, 'certificate-authority': authority } }],
      users: [{ name: 'admin', user: { token } }],
      contexts: [{ name: 'tests', context: { cluster: 'tests', user: 'admin' } }],
      'current-context': 'tests',
    }
    await writeFile(kubeconfig, JSON.stringify(config))
    start(join(programs, 'kube-controller-manager'), {
      kubeconfig,
      controllers: controllers.join(','),
      'service-account-private-key-file': inside('accounts.key'),
      'leader-elect': false,
      'secure-port': 0,
    })
    start(join(programs, 'kube-scheduler'), {
      kubeconfig,
      'leader-elect': false,
      'secure-port': 0,
    })
    return { api, kubeconfig, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}
