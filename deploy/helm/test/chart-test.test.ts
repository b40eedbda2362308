import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Container, find, podsOf, render, services } from './helm.ts'

/** The container that `helm test` runs. */
const testOf = async (service: (typeof services)[number]): Promise<Container> =>
  podsOf(find(await render({ service, environment: 'prod' }), 'Pod', `${service}-test`))[0]!.spec
    .containers[0]!

/** A pod's management port that answers with these statuses in turn, the last one on. */
const pod = async (statuses: number[]) => {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    const ready = asked.filter((each) => each === '/health/ready').length
    const status = statuses[Math.min(ready, statuses.length) - 1]
    response.writeHead(url === '/health/ready' ? (status ?? 200) : 200).end('answer')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Runs the script of the test pod, as its image does. */
const run = async (variables: Record<string, string>) => {
  const { command = [], args = [] } = await testOf('barcos')
  return await new Promise<{ exitCode: number; output: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [...command.slice(1), ...args],
      { env: { TARGET: '127.0.0.1', ...variables } },
      (_error, output) => resolve({ exitCode: child.exitCode ?? 1, output }),
    )
  })
}

describe('the test of a chart', () => {
  it.each(services)('of %s asks the pods of that service', async (service) => {
    const { env = [] } = await testOf(service)
    expect(env).toContainEqual({ name: 'TARGET', value: `${service}-metrics` })
  })

  it('passes when every pod is ready and shows its metrics', async () => {
    await using server = await pod([200])
    const MANAGEMENT_PORT = String(server.port)
    const { exitCode, output } = await run({ MANAGEMENT_PORT, PATIENCE_SECONDS: '0' })
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: `http://127.0.0.1:${server.port}/health/ready: 200\nhttp://127.0.0.1:${server.port}/metrics: 200\n`,
    })
  })

  it('waits for a pod that is not ready yet, or on its way out', async () => {
    await using server = await pod([503, 200])
    const MANAGEMENT_PORT = String(server.port)
    const { exitCode } = await run({ MANAGEMENT_PORT, PATIENCE_SECONDS: '60' })
    expect(exitCode).toBe(0)
    expect(server.asked.filter((path) => path === '/health/ready')).toHaveLength(2)
  })

  it('fails with what it saw when that does not end', async () => {
    await using server = await pod([503])
    const MANAGEMENT_PORT = String(server.port)
    const { exitCode, output } = await run({ MANAGEMENT_PORT, PATIENCE_SECONDS: '1' })
    expect(exitCode).toBe(1)
    expect(output).toContain('/health/ready: 503')
  })

  it.each([
    ['does not listen', '127.0.0.1', 'ECONNREFUSED'],
    ['is not there', 'nothing.invalid', 'nothing.invalid has no pods'],
  ])('fails when what it asks %s', async (_what, TARGET, words) => {
    const gone = await pod([200])
    await gone[Symbol.asyncDispose]()
    const MANAGEMENT_PORT = String(gone.port)
    const { exitCode, output } = await run({ TARGET, MANAGEMENT_PORT, PATIENCE_SECONDS: '0' })
    expect(exitCode).toBe(1)
    expect(output).toContain(words)
  })
})
