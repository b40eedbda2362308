import { createRequire } from 'node:module'
import { createAisDecoder } from '@porttrack/ais/ais-decoder'
import { encodeSentences } from '@porttrack/ais/encode'
import type { AisMessage } from '@porttrack/ais/message'
import { type Measurement, type Row, rowOf } from './measurement.ts'

const rounds = 51
const sentences = 20_000

type Ggencoder = { AisDecode: new (line: string) => { valid: boolean } }
type StreamDecoder = {
  default: new (options: { silent: boolean }) => {
    on: (event: 'data', listener: () => void) => void
    write: (line: string) => void
  }
}

const require = createRequire(import.meta.url)
const { AisDecode } = require('ggencoder') as Ggencoder
const { default: AisStreamDecoder } = require('ais-stream-decoder') as StreamDecoder

/**
 * From sentences to messages in one process, beside two decoders from npm: each is given sentences of
 * types that all can do, ours as bytes and the others as a string each, which they ask for.
 */
export const decode: Measurement = {
  name: 'decode',
  title: 'AIS sentences decoded a second in one process, against two decoders from npm',
  run: async () => {
    const rows: Row[] = []
    for (const [what, make] of [
      ['class A positions', classA],
      ['class B positions', classB],
    ] as const) {
      const lines = Array.from({ length: sentences }, () => encodeSentences(make())).flat()
      const bytes = Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1')
      const contenders = [() => ours(bytes), () => ggencoder(lines), () => streamDecoder(lines)]
      const rates = contenders.map((): number[] => [])
      for (let round = 0; round < rounds; round++) {
        for (const [n, run] of contenders.entries()) {
          const began = performance.now()
          const count = run()
          rates[n]?.push(count / ((performance.now() - began) / 1_000))
          if (count !== lines.length) throw new Error(`${count} decoded of ${lines.length} ${what}`)
        }
      }
      const [own = [], gg = [], stream = []] = rates
      rows.push(rowOf(`${what}, against ggencoder`, own, gg))
      rows.push(rowOf(`${what}, against ais-stream-decoder`, own, stream))
    }
    return rows
  },
}

const ours = (bytes: Buffer): number => {
  const decoder = createAisDecoder()
  let count = 0
  for (let start = 0; start < bytes.length; start += 65_536) {
    for (const { ok } of decoder.push(bytes.subarray(start, start + 65_536), 0)) if (ok) count++
  }
  return count
}

const ggencoder = (lines: readonly string[]): number => {
  let count = 0
  for (const line of lines) if (new AisDecode(line).valid) count++
  return count
}

const streamDecoder = (lines: readonly string[]): number => {
  let count = 0
  const decoder = new AisStreamDecoder({ silent: true })
  decoder.on('data', () => count++)
  for (const line of lines) decoder.write(line)
  return count
}

let state = 1

/** A plausible spread of numbers, 0 up to 1, that is the same in every run. */
const next = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

const movement = () =>
  ({
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
  }) as const

const classA = (): AisMessage => ({
  type: 1,
  ...movement(),
  status: 0,
  turn: next() * 20 - 10,
  fastTurn: null,
  specialManoeuvre: null,
})

const classB = (): AisMessage => ({ type: 18, ...movement() })
