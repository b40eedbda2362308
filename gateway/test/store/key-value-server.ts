import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A Valkey or Redis server of a test's own, which can be stopped, frozen and started again. */
export type KeyValueServer = AsyncDisposable & {
  url: string
  /** Asks for a password from now on, and drops whoever gave another. */
  setPassword: (password: string) => Promise<void>
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
  let password: string | null = null
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
    setPassword: async (next) => {
      await using client = await connectTo(port, password)
      await client.say(`CONFIG SET requirepass ${next}`)
      await client.say('CLIENT KILL TYPE normal SKIPME yes')
      password = next
    },
    start,
    stop,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    [Symbol.asyncDispose]: stop,
  }
}

/** Speaks the protocol's plain lines, for which no client is needed. */
const connectTo = async (port: number, password: string | null) => {
  const socket = connect(port, '127.0.0.1')
  const say = async (command: string): Promise<void> => {
    socket.write(`${command}\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    if (answer.toString().startsWith('-')) throw new Error(answer.toString())
  }
  if (password !== null) await say(`AUTH ${password}`)
  return {
    say,
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
      await Promise.resolve()
    },
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
