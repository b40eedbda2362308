import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A Valkey or Redis server of a test's own, which can be stopped, frozen and started again. */
export type KeyValueServer = AsyncDisposable & {
  url: string
  stop: () => Promise<void>
  start: () => Promise<void>
  /** Holds connections open and answers nothing, until `thaw`. */
  freeze: () => void
  thaw: () => void
}

/** @throws when the machine has neither `valkey-server` nor `redis-server` */
export const startKeyValueServer = async (): Promise<KeyValueServer> => {
  const port = await freePort()
  let child: ChildProcess | null = null
  const start = async () => {
    child = await launch(port)
  }
  const stop = async () => {
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    child = null
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    stop,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    [Symbol.asyncDispose]: stop,
  }
}

const launch = async (port: number): Promise<ChildProcess> => {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', '/tmp']
  for (const program of ['valkey-server', 'redis-server']) {
    const child = spawn(program, settings, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ready = new Promise<boolean>((resolve) => {
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += String(chunk)
        if (said.includes('Ready to accept connections')) resolve(true)
      })
      child.once('error', () => resolve(false))
      child.once('exit', () => resolve(false))
    })
    if (await ready) return child
  }
  throw new Error('neither valkey-server nor redis-server could be started')
}

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}
