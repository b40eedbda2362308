import { decodePayload } from '@porttrack/ais/decode'
import { encodeSentences } from '@porttrack/ais/encode'
import type { Fragment } from '@porttrack/ais/sentence'
import { anyMessage, sampleMessages } from '@porttrack/ais/testing/messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIntake, type IncomingMessage, type FeedFormat } from './intake.ts'

const now = Date.UTC(2026, 9, 1)

const takeIn = (
  chunks: readonly Uint8Array[],
  { format = 'nmea', restored = [] }: { format?: FeedFormat; restored?: Fragment[] } = {},
) => {
  const messages: IncomingMessage[] = []
  const rejected: [string, number | null][] = []
  let ignored = 0
  const intake = createIntake(
    { format, restored, now, keepDays: 400 },
    {
      onMessage: (message) => messages.push(message),
      onRejected: (reason, line) => rejected.push([reason, line]),
      onIgnored: () => {
        ignored += 1
      },
    },
  )
  for (const chunk of chunks) intake.push(chunk, now)
  intake.end(now)
  return { messages, rejected, ignored, ...intake.waiting() }
}
const bytes = (...lines: string[]) => [Buffer.from(lines.join('\n'))]

describe('intake', () => {
  it('yields the same however the bytes are cut', () => {
    const log = Buffer.from(
      sampleMessages(60, 3)
        .flatMap((message, n) => encodeSentences(message, { sequenceId: n % 10 }))
        .join('\r\n'),
    )
    const whole = takeIn([log])
    expect(whole.messages).toHaveLength(60)
    fc.assert(
      fc.property(fc.array(fc.nat(log.length), { maxLength: 30 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), log.length]
        const chunks = places.slice(1).map((end, n) => log.subarray(places[n], end))
        expect(takeIn(chunks)).toEqual(whole)
      }),
    )
  })

  it('joins messages whose sentences are spread over two intakes at any place', () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { minLength: 1, maxLength: 10 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (messages, share) => {
          const lines = messages.flatMap((message, n) =>
            encodeSentences(message, { sequenceId: n % 10, time: now + n * 1_000 }),
          )
          const cut = Math.floor(share * lines.length)
          const first = takeIn(bytes(...lines.slice(0, cut), ''))
          const second = takeIn(bytes(...lines.slice(cut)), { restored: first.parts })
          const taken = [...first.messages, ...second.messages]
          expect(taken.map(({ payload, fillBits }) => decodePayload(payload, fillBits))).toEqual(
            messages.map((message) => ({ ok: true, message })),
          )
          expect(taken.map(({ mmsi }) => mmsi)).toEqual(messages.map(({ mmsi }) => Number(mmsi)))
          expect(second.parts).toEqual([])
          expect(second.restored.size).toBe(0)
        },
      ),
    )
  })

  it('says which restored parts still wait', () => {
    const [first = ''] = encodeSentences(
      sampleMessages(200, 1).find(({ type }) => type === 5) ?? sampleMessages(1, 1)[0]!,
    )
    const { parts } = takeIn(bytes(first))
    expect(parts).toHaveLength(1)
    const again = takeIn(bytes('nonsense'), { restored: parts })
    expect([...again.restored]).toEqual([0])
    expect(again.rejected).toEqual([['malformed', 1]])
  })

  it('never throws, and accounts for every line', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }).map((text) => text.replaceAll('\n', '')),
      fc.constantFrom('{}', '[]', 'null', '7', '"x"', '{"sentence":"!AIVDM"}', '{"sentence":1'),
      fc.constantFrom('', '   ', '# note', '$GPGGA,1*00', '!AIVDM,1,1,,A,,0*26'),
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.constantFrom('nmea', 'ndjson'),
        (lines, format) => {
          const { messages, rejected, ignored, parts } = takeIn(
            [Buffer.from(lines.map((text) => `${text}\n`).join(''))],
            { format },
          )
          expect(messages.length + rejected.length + ignored + parts.length).toBe(lines.length)
        },
      ),
    )
  })
})
