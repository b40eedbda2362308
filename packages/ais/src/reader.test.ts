import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineReader } from './reader.ts'

/** Lines read from these chunks, as text or as `too long`, each with its number. */
function read(chunks: readonly Uint8Array[], maxLength = 4096): string[] {
  const lines: string[] = []
  const reader = createLineReader({
    maxLength,
    onLine: ({ text, start, end, number }) =>
      lines.push(`${number} ${JSON.stringify(text.slice(start, end))}`),
    onTooLong: (number) => lines.push(`${number} too long`),
  })
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  expect(reader.lineCount).toBe(lines.length)
  return lines
}

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('createLineReader', () => {
  it.each([
    ['', []],
    ['one', ['1 "one"']],
    ['one\n', ['1 "one"']],
    ['one\r\ntwo\nthree', ['1 "one"', '2 "two"', '3 "three"']],
    ['\n\r\n\n', ['1 ""', '2 ""', '3 ""']],
    ['a\rb\n', ['1 "a\\rb"']],
    ['\xe9\xff\0\n', ['1 "éÿ\\u0000"']],
  ])('splits %j', (text, lines) => {
    expect(read([bytes(text)])).toEqual(lines)
  })

  it('takes a line of the greatest length and skips a longer one to its end', () => {
    const text = 'abcd\nabcde\nabcd\r\nabcde\r\nabcdefghijkl\nok'
    const lines = ['1 "abcd"', '2 too long', '3 "abcd"', '4 too long', '5 too long', '6 "ok"']
    expect(read([bytes(text)], 4)).toEqual(lines)
  })

  it('takes a line of the greatest length whose CR and LF come apart', () => {
    expect(read([bytes('abcd\r'), bytes('\nabcde\r'), bytes('\n')], 4)).toEqual([
      '1 "abcd"',
      '2 too long',
    ])
  })

  it('tells of an over-long line before its end comes, once, and then keeps nothing', () => {
    const told: number[] = []
    const reader = createLineReader({
      maxLength: 10,
      onLine: () => told.push(-1),
      onTooLong: (number) => told.push(number),
    })
    for (let count = 0; count < 1000; count++) reader.push(bytes('x'.repeat(1000)))
    expect(told).toEqual([1])
    reader.push(bytes('\nshort\n'))
    expect(told).toEqual([1, -1])
  })

  it('does not keep the memory of a chunk, which its owner may use again', () => {
    const chunk = bytes('first')
    const lines: string[] = []
    const reader = createLineReader({
      onLine: ({ text, start, end }) => lines.push(text.slice(start, end)),
      onTooLong: () => {},
    })
    reader.push(chunk)
    chunk.fill(0)
    reader.push(bytes(' line\n'))
    expect(lines).toEqual(['first line'])
  })

  it('gives the same lines however the bytes are cut', () => {
    const content = fc
      .array(fc.constantFrom('a', 'bc', '\r', '\n', '\r\n', '\x80', 'defghij'), { maxLength: 60 })
      .map((parts) => bytes(parts.join('')))
    fc.assert(
      fc.property(content, fc.array(fc.nat(100)), (whole, cuts) => {
        const places = [0, ...cuts.filter((cut) => cut < whole.length), whole.length]
        places.sort((one, other) => one - other)
        const chunks = places.map((place, index) => whole.subarray(place, places[index + 1]))
        expect(read(chunks, 8)).toEqual(read([whole], 8))
      }),
    )
  })
})
