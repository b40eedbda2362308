/*
 * Decoding speed against two libraries from npm, in one run, rounds in turn, medians. Each is given
 * only sentences of the types that it can decode, made by our own encoder, one string each.
 *
 *   node --conditions=source packages/ais/bench/decode.ts
 *
 * A library that is not installed is left out.
 */
import { createRequire } from 'node:module'
import { createAisDecoder } from '../src/ais-decoder.ts'
import { decodePayload } from '../src/decode.ts'
import { encodeSentences } from '../src/encode.ts'
import type { AisMessage } from '../src/message.ts'
import { parseSentence } from '../src/sentence.ts'

const ROUNDS = 101
const SENTENCES = 2_000

const require = createRequire(import.meta.url)

/** A plausible spread of numbers that is the same in every run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const next = sequence(1)

function movement() {
  return {
    repeat: 0,
    mmsi: String(200_000_000 + Math.floor(next() * 500_000_000)),
    lat: next() * 160 - 80,
    lon: next() * 360 - 180,
    accuracy: true,
    raim: false,
    speed: next() * 25,
    course: next() * 359,
    heading: Math.floor(next() * 360),
    second: Math.floor(next() * 60),
    positioning: 'normal',
  } as const
}

function classA(): AisMessage {
  const turn = next() * 20 - 10
  const own = { status: 0, turn, fastTurn: null, specialManoeuvre: null }
  return { type: 1, ...movement(), ...own }
}

function classB(): AisMessage {
  return { type: 18, ...movement() }
}

function sentences(make: () => AisMessage): string[] {
  return Array.from({ length: SENTENCES }, () => encodeSentences(make())).flat()
}

interface Contender {
  readonly name: string
  readonly run: (lines: readonly string[]) => number
}

const contenders: Contender[] = [
  {
    name: 'sentence + payload',
    run(lines) {
      let count = 0
      for (const line of lines) {
        const fragment = parseSentence(line)
        if (fragment.ok && decodePayload(fragment.payload, fragment.fillBits).ok) count++
      }
      return count
    },
  },
  {
    name: 'bytes to results',
    run(lines) {
      const bytes = Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1')
      const decoder = createAisDecoder()
      let count = 0
      const started = performance.now()
      for (let start = 0; start < bytes.length; start += 65_536) {
        for (const result of decoder.push(bytes.subarray(start, start + 65_536), 0)) {
          if (result.ok) count++
        }
      }
      measured = performance.now() - started
      return count
    },
  },
]
/** Milliseconds of the part that counts, where a contender prepares its input first. */
let measured = 0

function addInstalled(name: string, make: (module: never) => Contender['run']): void {
  try {
    contenders.push({ name, run: make(require(name) as never) })
  } catch {
    console.log(`${name} is not installed`)
  }
}

interface Ggencoder {
  readonly AisDecode: new (line: string) => { readonly valid: boolean }
}

interface StreamDecoder {
  readonly default: new (options: { silent: boolean }) => {
    on(event: 'data', listener: () => void): void
    write(line: string): void
  }
}

addInstalled('ggencoder', ({ AisDecode }: Ggencoder) => (lines) => {
  let count = 0
  for (const line of lines) if (new AisDecode(line).valid) count++
  return count
})

addInstalled('ais-stream-decoder', (module: StreamDecoder) => (lines) => {
  let count = 0
  const decoder = new module.default({ silent: true })
  decoder.on('data', () => count++)
  for (const line of lines) decoder.write(line)
  return count
})

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const report: Record<string, Record<string, number>> = {}
for (const [name, make] of [
  ['class A position', classA],
  ['class B position', classB],
] as const) {
  const lines = sentences(make)
  const times = new Map(contenders.map((contender) => [contender.name, [] as number[]]))
  const counts = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) {
      measured = 0
      const started = performance.now()
      counts.set(contender.name, contender.run(lines))
      times.get(contender.name)?.push(measured || performance.now() - started)
    }
  }
  report[name] = {}
  const first = median(times.get('sentence + payload') ?? [])
  console.log(`\n${name}, ${lines.length} sentences, median of ${ROUNDS} rounds`)
  for (const [contender, values] of times) {
    const middle = median(values)
    const micros = (middle * 1000) / lines.length
    report[name][contender] = Number(micros.toFixed(3))
    const decoded = counts.get(contender)
    console.log(
      `${contender.padEnd(20)} ${micros.toFixed(3).padStart(8)} µs each, ` +
        `${(middle / first).toFixed(1).padStart(5)} times ours, ${decoded} decoded`,
    )
  }
}
console.log(JSON.stringify(report))
