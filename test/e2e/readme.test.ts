import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = await readFile(`${root}README.md`, 'utf8')

type Example = { command: string; answer: unknown }

/** The commands that are marked with `<!-- run -->`, each with the JSON shown after it. */
const examples: Example[] = [
  ...readme.matchAll(/<!-- run -->\s+```sh\n([\s\S]*?)```(?:\s+```json\n([\s\S]*?)```)?/g),
].map(([, command = '', answer]) => ({
  command,
  answer: answer === undefined ? undefined : (JSON.parse(answer) as unknown),
}))

let platform: ChildProcess
let output = ''

beforeAll(async () => {
  // The README's own command, on the ports that the README names: nothing else may use them.
  platform = spawn('npx', ['-y', 'pnpm@12', 'dev'], { cwd: root, detached: true })
  for (const stream of [platform.stdout, platform.stderr]) {
    stream?.on('data', (text: Buffer) => {
      output += text.toString()
    })
  }
  const running = () => output.includes('Ctrl-C stops it')
  while (!running() && !ended(platform)) await sleep(200)
  if (!running()) throw new Error(`the platform did not start:\n${output}`)
}, 100_000)

afterAll(async () => {
  if (!ended(platform) && platform.pid !== undefined) {
    const end = once(platform, 'exit')
    process.kill(-platform.pid, 'SIGINT')
    await end
  }
  await rm(`${root}sample.nmea`, { force: true })
}, 60_000)

describe('the README', () => {
  it('has commands to run', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4)
  })

  it.each(examples)('shows what `$command` answers', { timeout: 60_000 }, async (example) => {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', example.command], { cwd: root })
    const lines = stdout.trim().split('\n')
    const answer: unknown = JSON.parse(lines.at(-1) ?? '')
    expect(answer).not.toHaveProperty('code')
    if (example.answer !== undefined) expect(shapeOf(answer)).toEqual(shapeOf(example.answer))
  })

  it('says which sign-ins there are', () => {
    expect(output).toContain('harbour-master@porttrack.example')
  })
})

const ended = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null

/** Names and nesting without values: ids and times differ from run to run. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (value === null || typeof value !== 'object') return 'value'
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
}
