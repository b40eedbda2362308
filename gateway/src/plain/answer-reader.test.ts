import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerReader, type AnswerTaker } from './answer-reader.ts'
import { BrokenAnswerError } from './broken-answer.ts'

/** What was read, in one text for each answer. */
const readerOf = () => {
  const told: string[] = []
  let ends = 0
  const taker: AnswerTaker = {
    onHead: (status, headers) => void told.push(`${status} ${headers.join('|')} `),
    onWhole: (body) => void told.push(body),
    onData: (data) => void told.push(data.toString('latin1')),
    onEnd: () => void (ends += 1),
  }
  const reader = new AnswerReader(taker)
  return { reader, text: () => told.join(''), ends: () => ends }
}

/** Reads bytes cut at the given places. */
const read = (bytes: string, cuts: readonly number[], method = 'GET') => {
  const { reader, text, ends } = readerOf()
  reader.expect(method)
  const all = Buffer.from(bytes, 'latin1')
  const places = [...new Set(cuts.map((cut) => cut % (all.length + 1)))].toSorted((a, b) => a - b)
  let from = 0
  for (const to of [...places, all.length]) {
    if (to > from && ends() === 0) reader.read(all.subarray(from, to))
    from = to
  }
  return { text: text(), ends: ends(), persistent: reader.persistent }
}

const body = fc.string({ unit: 'binary-ascii', maxLength: 300 })
const cuts = fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 12 })

describe('AnswerReader', () => {
  it('reads an answer alike wherever it is cut, with a length', () => {
    fc.assert(
      fc.property(body, cuts, (text, places) => {
        const bytes = `HTTP/1.1 200 OK\r\nX-A: b\r\ncontent-length: ${text.length}\r\n\r\n${text}`
        const expected = `200 x-a|b|content-length|${text.length} ${text}`
        expect(read(bytes, places)).toEqual({ text: expected, ends: 1, persistent: true })
      }),
    )
  })

  it('reads an answer alike wherever it is cut, in chunks', () => {
    const pieces = fc.array(
      body.filter((piece) => piece !== ''),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(pieces, cuts, (texts, places) => {
        const chunks = texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('')
        const bytes =
          `HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n` +
          `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\nx-t: a\r\n\r\n`
        const expected = `200 transfer-encoding|chunked ${texts.join('')}`
        expect(read(bytes, places)).toEqual({ text: expected, ends: 1, persistent: true })
      }),
    )
  })

  it('refuses what is not an answer, and fails in no other way', () => {
    const broken = fc.record({
      line: fc.constantFrom('HTTP/1.1 200 OK\r\n', 'HTTP/1.1 304 \r\n', 'HTTP/1.1 103 a\r\n', ''),
      fields: fc.array(
        fc.constantFrom(
          'content-length: 3\r\n',
          'content-length: 03\r\n',
          'transfer-encoding: chunked\r\n',
          'connection: close\r\n',
          'x-a: b\n',
          ' c\r\n',
          '\r\n',
        ),
        { maxLength: 6 },
      ),
      rest: fc.uint8Array({ maxLength: 40 }),
    })
    fc.assert(
      fc.property(broken, cuts, ({ line, fields, rest }, places) => {
        const bytes = `${line}${fields.join('')}\r\n${Buffer.from(rest).toString('latin1')}`
        try {
          expect(read(bytes, places).ends).toBeLessThanOrEqual(1)
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenAnswerError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('tells a body that came with its head in one piece', () => {
    const told: string[] = []
    const reader = new AnswerReader({
      onHead: () => undefined,
      onWhole: (text) => void told.push(text),
      onData: () => void told.push('in pieces'),
      onEnd: () => void told.push('end'),
    })
    reader.expect('GET')
    reader.read(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    expect(told).toEqual(['ok', 'end'])
  })

  it('tells nothing of an answer that nobody wants any more', () => {
    const told: string[] = []
    const reader = new AnswerReader({
      onHead: () => reader.drop(),
      onWhole: () => void told.push('body'),
      onData: () => void told.push('data'),
      onEnd: () => void told.push('end'),
    })
    reader.expect('GET')
    reader.read(
      Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    )
    expect(told).toEqual([])
  })

  it('keeps a connection for as long as the service says, and no longer than an answer allows', () => {
    const after = (line: string) => {
      const { reader } = readerOf()
      reader.expect('GET')
      reader.read(Buffer.from(`HTTP/1.1 200 OK\r\n${line}\r\ncontent-length: 0\r\n\r\n`))
      return { persistent: reader.persistent, hint: reader.hint }
    }
    expect(after('connection: keep-alive')).toEqual({ persistent: true, hint: null })
    expect(after('keep-alive: timeout=5')).toEqual({ persistent: true, hint: 5 })
    expect(after('keep-alive: max=9, timeout=72')).toEqual({ persistent: true, hint: 72 })
    expect(after('connection: x-a , Close')).toEqual({ persistent: false, hint: null })
    expect(after('connection: closed')).toEqual({ persistent: true, hint: null })
  })
})
