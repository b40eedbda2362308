import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const module = fileURLToPath(new URL('../src/logging/logger.ts', import.meta.url))

/** A process that logs; what it tells of itself goes to standard error. */
const logging = (statements: string) =>
  spawn(
    process.execPath,
    [
      '--conditions=source',
      '--input-type=module',
      '--eval',
      `import { createLogger } from ${JSON.stringify(module)}
       const log = createLogger({ service: 'notes', version: 'test', level: 'info' })
       ${statements}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )

it('loses no line of a process that ends by itself, nor the fatal one of one that gives up', async () => {
  const ending = logging(`for (let n = 0; n < 1_000; n += 1) log.info('line ' + n)`)
  const lines = (await text(ending.stdout)).trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(
    Array.from({ length: 1_000 }, (_, n) => `line ${n}`),
  )
  const failing = logging(`log.info('before'); log.fatal('it is over'); process.exit(1)`)
  const [output, [code]] = await Promise.all([text(failing.stdout), once(failing, 'exit')])
  expect(code).toBe(1)
  expect(output).toContain('before')
  expect(output).toContain('it is over')
}, 60_000)

it('tells when each line was written', async () => {
  const times = logging(`
    for (let n = 0; n < 5; n += 1) {
      log.info(String(Date.now()))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }`)
  const lines = (await text(times.stdout)).trim().split('\n')
  expect(lines).toHaveLength(5)
  const told = lines.map((line) => JSON.parse(line) as Record<string, string>)
  for (const [index, { '@timestamp': time = '', message }] of told.entries()) {
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Date.parse(time)).toBeGreaterThanOrEqual(Number(message))
    expect(Date.parse(time)).toBeLessThanOrEqual(Number(told[index + 1]?.message ?? Date.now()))
  }
}, 60_000)

it('writes a line that no other follows within a moment', async () => {
  const waiting = logging(`log.info('alone'); setInterval(() => undefined, 1_000)`)
  const [chunk] = (await once(waiting.stdout, 'data')) as [Buffer]
  expect(String(chunk)).toContain('alone')
  waiting.kill('SIGKILL')
}, 60_000)

it('holds nobody up where nobody reads, and keeps its memory', async () => {
  const unread = logging(`
    const padding = 'x'.repeat(3_000)
    for (let round = 0; round < 100; round += 1) {
      for (let n = 0; n < 1_000; n += 1) log.info(padding)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    console.error(Math.round(process.memoryUsage.rss() / 2 ** 20))
    setInterval(() => undefined, 1_000)`)
  const [megabytes] = (await once(unread.stderr, 'data')) as [Buffer]
  unread.kill('SIGKILL')
  // Three hundred megabytes were logged.
  expect(Number(megabytes)).toBeLessThan(220)
}, 60_000)
