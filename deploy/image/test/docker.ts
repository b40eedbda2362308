import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'

const run = promisify(execFile)

/** What a command printed, or why it failed: its exit code and both streams. */
export type Outcome = { exitCode: number; output: string; errors: string }

/** Runs Docker's command in the engine of `DOCKER_HOST`, and tells how it ended. */
export const tryDocker = async (...args: string[]): Promise<Outcome> => {
  try {
    const { stdout, stderr } = await run('docker', args, { maxBuffer: 64 * 1024 * 1024 })
    return { exitCode: 0, output: stdout.trim(), errors: stderr.trim() }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<Record<string, string>>
    if (typeof code !== 'number') throw error
    return { exitCode: code, output: stdout.trim(), errors: stderr.trim() }
  }
}

/**
 * Runs Docker's command and gives what it printed.
 *
 * @throws when it fails, with what it said
 */
export const docker = async (...args: string[]): Promise<string> => {
  const { exitCode, output, errors } = await tryDocker(...args)
  if (exitCode !== 0) throw new Error(`docker ${args[0]} ended with ${exitCode}: ${errors}`)
  return output
}

/** What the engine knows of an image or container. */
export const inspect = async <T>(name: string): Promise<T> =>
  (JSON.parse(await docker('inspect', name)) as [T])[0]

/** Where a container's port is reached from this machine. */
export const addressOf = async (container: string, port: number): Promise<string> => {
  const [address = ''] = (await docker('port', container, String(port))).split('\n')
  return `http://${address}`
}

/** The address that other containers reach a container at. */
export const inwardAddressOf = async (container: string): Promise<string> =>
  await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', container)

/** Paths of all files of an image, without a slash in front. */
export const filesOf = async (image: string): Promise<string[]> => {
  const container = await docker('create', image)
  try {
    const listing = await pipe(['export', container], 'tar', ['--list'])
    return listing.split('\n').filter((path) => path !== '')
  } finally {
    await docker('rm', container)
  }
}

const pipe = async (args: string[], command: string, rest: string[]): Promise<string> => {
  const source = spawn('docker', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const sink = spawn(command, rest, { stdio: [source.stdout, 'pipe', 'inherit'] })
  let output = ''
  for await (const chunk of sink.stdout.setEncoding('utf8')) output += chunk as string
  return output
}

/** Size of an image as a registry would store it, in bytes: about what a machine has to fetch. */
export const compressedSizeOf = async (image: string): Promise<number> => {
  const source = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'inherit'] })
  let bytes = 0
  for await (const chunk of source.stdout.pipe(createGzip({ level: 1 }))) {
    bytes += (chunk as Buffer).length
  }
  return bytes
}
