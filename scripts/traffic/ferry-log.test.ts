import { createAisDecoder } from '@porttrack/ais/ais-decoder'
import { imoCheckDigitValid } from '@porttrack/ais/imo'
import { expect, test } from 'vitest'
import { ferryLog } from './ferry-log.ts'

test('is a whole log of one ferry that ended five minutes ago', () => {
  const now = Date.UTC(2026, 10, 23, 12)
  const decoder = createAisDecoder()
  const results = [...decoder.push(Buffer.from(ferryLog(now)), now), ...decoder.end(now)]
  const messages = results.map((result) => {
    if (!result.ok) throw new Error(`line ${result.lineNumber}: ${result.reason}`)
    return result
  })
  expect(messages.length).toBeGreaterThan(100)
  expect(new Set(messages.map(({ message }) => message.mmsi))).toEqual(new Set(['225098799']))
  const times = messages.map(({ time }) => time ?? 0)
  expect(now - Math.max(...times)).toBeGreaterThanOrEqual(299_000)
  expect(now - Math.max(...times)).toBeLessThan(310_000)
  const numbers = messages.flatMap(({ message }) => (message.type === 5 ? [message.imo ?? ''] : []))
  expect(numbers.every(imoCheckDigitValid)).toBe(true)
  expect(numbers.length).toBeGreaterThan(2)
})
