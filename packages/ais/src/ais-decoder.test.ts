import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AisResult, createAisDecoder } from './ais-decoder.ts'
import { encodeSentences } from './encode.ts'
import { sampleMessages } from './testing/messages.ts'

const PART_1 = '!AIVDM,2,1,9,B,55R3Vn82=ILTQ3KKS>1<D60Dq@E918U<F222221J1`?164vc03S1CCAD,0*2A'
const PART_2 = '!AIVDM,2,2,9,B,`88888888888880,2*76'
const POSITION = '!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A'

const voyage = sampleMessages(200, 1).find((message) => message.type === 5)!

const bytes = (...lines: string[]) => Buffer.from(lines.map((line) => `${line}\r\n`).join(''))

/** Results in short: line number with message type and MMSI, or with the reason. */
function brief(results: readonly AisResult[]): string[] {
  return results.map((result) => {
    const what = result.ok ? `${result.message.type} ${result.message.mmsi}` : result.reason
    return `${result.lineNumber} ${what}`
  })
}

describe('createAisDecoder', () => {
  it('gives messages and rejections in order, each with its line', () => {
    const decoder = createAisDecoder()
    const gnss = '$GPGLL,5250.53669,N,00542.34920,E,213950.00,A,A*67'
    const broken = POSITION.replace('*4A', '*4B')
    const results = decoder.push(bytes(gnss, PART_1, POSITION, '', PART_2, broken, PART_1), 0)
    expect(brief(results)).toEqual([
      '1 not-ais',
      '3 1 371798000',
      '4 empty',
      '2 5 371255000',
      '6 bad-checksum',
    ])
    expect(decoder.pendingCount).toBe(1)
    expect(brief(decoder.end(0))).toEqual(['7 incomplete-message'])
    expect(decoder.lineCount).toBe(7)
  })

  it('carries the payload, the source and the time along', () => {
    const decoder = createAisDecoder()
    const tag = '\\s:rx1,c:1700000000*01\\'
    expect(decoder.pushLine(`${tag}${POSITION}`, 12, 0)).toMatchObject([
      {
        ok: true,
        lineNumber: 12,
        payload: '15RTgt0PAso;90TKcjM8h6g208CQ',
        source: 'rx1',
        time: 1_700_000_000_000,
        channel: 'A',
        own: false,
      },
    ])
  })

  it('reads a last line that no newline ends', () => {
    const decoder = createAisDecoder()
    expect(decoder.push(Buffer.from(POSITION), 0)).toEqual([])
    expect(brief(decoder.end(0))).toEqual(['1 1 371798000'])
  })

  it('gives up an incomplete message after the timeout', () => {
    const decoder = createAisDecoder({ timeoutMs: 1000 })
    decoder.push(bytes(PART_1), 0)
    expect(decoder.expire(1000)).toEqual([])
    expect(brief(decoder.expire(1001))).toEqual(['1 incomplete-message'])
  })

  it('limits the length of a line', () => {
    const decoder = createAisDecoder({ maxLineLength: 40 })
    expect(brief(decoder.push(bytes(POSITION, PART_2), 0))).toEqual(['1 line-too-long'])
  })

  it('keeps its memory bounded under messages that are never completed', () => {
    const decoder = createAisDecoder({ maxPending: 50 })
    const dropped: AisResult[] = []
    for (let station = 0; station < 500; station++) {
      const [first] = encodeSentences(voyage, { source: `rx${station}` })
      dropped.push(...decoder.pushLine(first ?? '', station + 1, 0))
    }
    expect(decoder.pendingCount).toBe(50)
    expect(dropped).toHaveLength(450)
    expect(new Set(dropped.map((result) => result.ok || result.reason))).toEqual(
      new Set(['too-many-pending']),
    )
  })

  it('never throws, and accounts for every line, whatever the bytes', () => {
    const lines = sampleMessages(30, 5).flatMap((message) => encodeSentences(message))
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...lines).map((line) => new Uint8Array(bytes(line))),
      fc.tuple(fc.constantFrom(...lines), fc.nat(80), fc.nat(255)).map(([line, at, byte]) => {
        const changed = new Uint8Array(bytes(line))
        changed[at % changed.length] = byte
        return changed
      }),
    )
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 20 }), (chunks) => {
        const decoder = createAisDecoder()
        const results = chunks.flatMap((chunk) => decoder.push(chunk, 0))
        results.push(...decoder.end(0))
        for (const { lineNumber } of results) {
          expect(lineNumber).toBeGreaterThan(0)
          expect(lineNumber).toBeLessThanOrEqual(decoder.lineCount)
        }
      }),
      { numRuns: 500 },
    )
  })
})
