import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

type Ended = { exitCode: number | null; output: string; errors: string }

/** A script while it runs. */
type Running = { output: () => string; kill: (signal: NodeJS.Signals) => void }

/** A folder in which scripts are run as a step of a pipeline runs them. */
export type Workspace = AsyncDisposable & {
  folder: string
  /** Writes a file, and its folders. */
  write: (path: string, content: string) => Promise<void>
  git: (...args: string[]) => Promise<string>
  /** Commits everything, and gives the commit. */
  commit: (message: string) => Promise<string>
  /** Puts a program of this name before those of the machine: a script of the shell. */
  replace: (program: string, body: string) => Promise<void>
  /** How the program that was put in place was called: a line for each call. */
  callsOf: (program: string) => Promise<string[]>
  /** Runs a script of the pipeline with these variables and no others of GitHub. */
  script: (
    name: string,
    variables?: Record<string, string>,
    meanwhile?: (child: Running) => Promise<void>,
  ) => Promise<Ended>
  /** The outputs that scripts have handed on. */
  outputs: () => Promise<Record<string, string>>
}

export const workspace = async (): Promise<Workspace> => {
  const root = await mkdtemp(join(tmpdir(), 'porttrack-pipeline-'))
  const [folder, programs] = [join(root, 'work'), join(root, 'bin')]
  const handedOn = join(root, 'output')
  await mkdir(folder)
  await mkdir(programs)
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Ana', '-c', 'user.email=ana@porttrack.example']
    return (await run('git', [...identity, ...args], { cwd: folder })).stdout.trim()
  }
  await git('init', '--quiet', '--initial-branch=main')
  return {
    folder,
    write,
    git,
    commit: async (message) => {
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', `--message=${message}`)
      return await git('rev-parse', 'HEAD')
    },
    replace: async (program, body) => {
      const path = join(programs, program)
      await writeFile(path, `#!/bin/sh\nprintf '%s\\n' "$*" >>'${path}.calls'\n${body}\n`)
      await chmod(path, 0o755)
    },
    callsOf: async (program) =>
      (await readFile(join(programs, `${program}.calls`), 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== ''),
    script: async (name, variables = {}, meanwhile) => {
      const path = fileURLToPath(new URL(`../${name}`, import.meta.url))
      const env = {
        PATH: `${programs}${delimiter}${process.env['PATH']}`,
        HOME: root,
        GITHUB_OUTPUT: handedOn,
        TURBO_TELEMETRY_DISABLED: '1',
        ...variables,
      }
      const child = spawn(process.execPath, [path], { cwd: folder, env })
      let [output, errors] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
      await meanwhile?.({ output: () => output, kill: (signal) => child.kill(signal) })
      return { exitCode: await ended, output, errors }
    },
    outputs: async () =>
      Object.fromEntries(
        (await readFile(handedOn, 'utf8'))
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ) as Record<string, string>,
    [Symbol.asyncDispose]: async () => {
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A server that keeps what it is sent, and answers with these statuses in turn, the last one on. */
export const receiver = async (statuses: number[], body = 'ok') => {
  const received: { url: string; authorization: string | undefined; body: string }[] = []
  const server = createServer(async (request, response) => {
    let sent = ''
    for await (const chunk of request) sent += String(chunk)
    const status = statuses[Math.min(received.length, statuses.length - 1)] ?? 200
    const { authorization } = request.headers
    received.push({ url: request.url ?? '', authorization, body: sent })
    response.writeHead(status).end(body)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
