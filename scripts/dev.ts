import { once } from 'node:events'
import {
  describeCrash,
  describeFailure,
  whatToTry,
  whereToLook,
  whoMaySignIn,
} from './development/messages.ts'
import { parseOptions, usage, UsageError } from './development/options.ts'
import type { DevelopmentOptions } from './development/options.ts'
import { suggestions } from './development/suggestions.ts'
import { startPlatform } from './platform/platform.ts'
import type { Platform } from './platform/platform.ts'
import { isRunning, packageRunner } from '@porttrack/local-postgres/process-identity'
import type { Crash } from '@porttrack/local-postgres/managed-process'
import { developmentStateDirectory } from './platform/repository.ts'
import { readSecrets } from './platform/secrets.ts'
import { startTraffic } from './traffic/player.ts'
import type { Traffic } from './traffic/player.ts'
import { seedScene } from './traffic/seed.ts'
import type { SeededScene } from './traffic/seed.ts'

/** One Ctrl-C can arrive more than once: from the terminal, and handed on by npx and pnpm. */
const sameKeystrokeMs = 800

/** Settings of the services that a developer may choose, handed on when they are set. */
const handedOn = ['LOG_LEVEL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'TRACE_SAMPLE_RATIO']

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function main(commandLine: readonly string[]): Promise<number> {
  let options: DevelopmentOptions
  try {
    options = parseOptions(commandLine)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    complain(`${error.message}\n\n${usage}`)
    return 2
  }
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }
  const end = new AbortController()
  const crashes: Crash[] = []
  stopWhenAsked(end)
  const begin = performance.now()
  say(options.fresh ? 'PortTrack starts anew' : 'PortTrack starts')
  let platform: Platform
  try {
    platform = await startPlatform({
      stateDirectory: developmentStateDirectory,
      ports: options.ports,
      fresh: options.fresh,
      tls: options.tls,
      environment: chosenSettings(),
      signal: end.signal,
      onProgress: ({ what, seconds }) => {
        say(seconds === undefined ? `  ${what}` : `  ${what.padEnd(12)}${seconds.toFixed(1)} s`)
      },
      onCrash: (crash) => {
        crashes.push(crash)
        end.abort()
      },
    })
  } catch (error) {
    if (end.signal.aborted && crashes.length === 0) return stoppedAsAsked()
    complain(crashes[0] === undefined ? describeFailure(error) : describeCrash(crashes[0]))
    return 1
  }
  await using _ = platform
  const seeded = await setScene(platform, end.signal)
  const traffic = options.traffic && !end.signal.aborted ? await playTraffic(platform) : undefined
  if (!end.signal.aborted) {
    await welcome(platform, { seeded, seconds: (performance.now() - begin) / 1000 })
  }
  if (!end.signal.aborted) await once(end.signal, 'abort')
  await traffic?.stop()
  await platform.stop()
  if (crashes[0] === undefined) return stoppedAsAsked()
  complain(`\n${describeCrash(crashes[0])}\nthe rest was stopped`)
  return 1
}

async function setScene(platform: Platform, signal: AbortSignal): Promise<SeededScene | undefined> {
  const begin = performance.now()
  try {
    const seeded = await seedScene(platform, signal)
    say(`  ${'scene'.padEnd(12)}${((performance.now() - begin) / 1000).toFixed(1)} s`)
    return seeded
  } catch (error) {
    // The platform is of use without its sample data.
    if (!signal.aborted) complain(`  the sample scene could not be set up: ${String(error)}`)
    return undefined
  }
}

async function playTraffic(platform: Platform): Promise<Traffic> {
  return await startTraffic(platform, {
    onTrouble: (text) => {
      complain(`  sample traffic: ${text}`)
    },
  })
}

async function welcome(
  platform: Platform,
  { seeded, seconds }: { seeded: SeededScene | undefined; seconds: number },
): Promise<void> {
  const secrets = await readSecrets(platform.stateDirectory)
  if (secrets === undefined) return
  say(`
PortTrack runs, after ${seconds.toFixed(1)} s

${whereToLook(platform)}

${whoMaySignIn(secrets)}

to copy, in this folder:

${whatToTry(await suggestions(platform, seeded))}

Ctrl-C stops it`)
}

function stopWhenAsked(end: AbortController): void {
  let asked: number | undefined
  const stop = (): void => {
    const now = performance.now()
    if (asked === undefined) {
      asked = now
      if (!end.signal.aborted) say('\nPortTrack stops (Ctrl-C again: at once)')
      end.abort()
    } else if (now - asked > sameKeystrokeMs) {
      // Children notice that this process is gone, and end.
      process.exit(130)
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // The terminal may be gone before the last words are said.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  void endWithRunner(stop)
}

/** Whoever started this may be killed without a signal being handed on. */
async function endWithRunner(stop: () => void): Promise<void> {
  const parent = process.ppid
  const runner = await packageRunner()
  const watch = setInterval(() => {
    void (async () => {
      const alone = process.ppid !== parent || (runner !== undefined && !(await isRunning(runner)))
      if (!alone) return
      clearInterval(watch)
      stop()
    })()
  }, 1_000).unref()
}

function chosenSettings(): Record<string, string> {
  return Object.fromEntries(
    handedOn.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

function stoppedAsAsked(): number {
  say('PortTrack has stopped')
  return 0
}

process.exit(await main(process.argv.slice(2)))
