import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rejectionKinds } from './rejection.ts'
import { parseLine, parseSentence, sentenceChecksum } from './sentence.ts'

const POSITION = '!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A'

/** A sentence around these fields, with its right checksum. */
function sealed(fields: string): string {
  return `!${fields}*${sentenceChecksum(fields)}`
}

function tagged(block: string): string {
  return `\\${block}*${sentenceChecksum(block)}\\`
}

/** A line between two others, in one text. */
function amongOthers(line: string) {
  const other = `\n${POSITION}\\,*`
  const start = other.length
  return { text: other + line + other, start, end: start + line.length, number: 3 }
}

describe('parseSentence', () => {
  it('reads a single sentence', () => {
    expect(parseSentence(POSITION, 7)).toEqual({
      ok: true,
      lineNumber: 7,
      talker: 'AI',
      own: false,
      total: 1,
      number: 1,
      sequenceId: null,
      channel: 'A',
      payload: '15RTgt0PAso;90TKcjM8h6g208CQ',
      fillBits: 0,
      source: null,
      time: null,
      groupId: null,
    })
  })

  it('reads the last fragment of two', () => {
    expect(parseSentence('!AIVDM,2,2,9,B,`88888888888880,2*76')).toMatchObject({
      ok: true,
      total: 2,
      number: 2,
      sequenceId: '9',
      channel: 'B',
      fillBits: 2,
    })
  })

  it.each(['\r\n', '\n', '\r', ' ', ''])('tolerates the line ending %j', (ending) => {
    expect(parseSentence(POSITION + ending)).toMatchObject({ ok: true, talker: 'AI' })
  })

  it.each([
    ['BSVDM,1,1,,B,15RTgt0PAso;90TKcjM8h6g208CQ,0', 'BS', false],
    ['ABVDM,1,1,,B,15RTgt0PAso;90TKcjM8h6g208CQ,0', 'AB', false],
    ['ANVDO,1,1,,B,15RTgt0PAso;90TKcjM8h6g208CQ,0', 'AN', true],
    ['AIVDO,1,1,,,15RTgt0PAso;90TKcjM8h6g208CQ,0', 'AI', true],
  ])('accepts %s', (fields, talker, own) => {
    expect(parseSentence(sealed(fields))).toMatchObject({ ok: true, talker, own })
  })

  it.each([
    ['1', 'A'],
    ['2', 'B'],
    ['', null],
    ['C', 'C'],
  ])('reads channel %j as %j', (written, channel) => {
    expect(parseSentence(sealed(`AIVDM,1,1,,${written},1,0`))).toMatchObject({ channel })
  })

  it.each([
    ['s:rx1,c:1700000000', 'rx1', 1_700_000_000_000],
    ['c:1700000000123,s:rx1,n:5,q:z', 'rx1', 1_700_000_000_123],
    ['g:1-2-1234,s:a b', 'a b', null],
    ['s:', null, null],
  ])('takes source and time from the TAG block %s', (block, source, time) => {
    expect(parseSentence(tagged(block) + POSITION)).toMatchObject({ ok: true, source, time })
  })

  it('takes the group id, and joins several TAG blocks', () => {
    const line = `${tagged('g:1-2-1234')}${tagged('s:rx1')}${POSITION}`
    expect(parseSentence(line)).toMatchObject({ ok: true, groupId: '1234', source: 'rx1' })
  })

  it('takes station and time from behind the checksum', () => {
    expect(parseSentence(`${POSITION},d-97,r003669945,1085889680`)).toMatchObject({
      source: 'r003669945',
      time: 1_085_889_680_000,
    })
  })

  it.each([
    ['', 'empty'],
    ['\r\n', 'empty'],
    [tagged('s:rx1'), 'empty'],
    ['$GPRMC,213950.00,A,5250.53669,N,00542.34920,E,0.020,,070420,,,A*7D', 'not-ais'],
    ['$PSRF103,04,00,01,01*21', 'not-ais'],
    ['!AIABM,1,1,0,205030001,3,5,D89EP5,0*00', 'not-ais'],
    [`${tagged('s:rx1')}$GPGLL,5250.53669,N*00`, 'not-ais'],
    ['# a comment', 'not-ais'],
    ['hello', 'malformed'],
    ['!', 'malformed'],
    ['!AIVDM', 'malformed'],
    ['$AIVDM,1,1,,A,1,0*00', 'malformed'],
    [sealed('AIVDM,1,1,,A,1'), 'malformed'],
    [sealed('AIVDM,1,1,,A,1,0,0'), 'malformed'],
    [sealed('AIVDM,,1,,A,1,0'), 'malformed'],
    [sealed('AIVDM,1,x,,A,1,0'), 'malformed'],
    [sealed('AIVDM,1,1,x,A,1,0'), 'malformed'],
    [sealed('AIVDM,1,1,12,A,1,0'), 'malformed'],
    [sealed('AIVDM,1,1,,AB,1,0'), 'malformed'],
    [`${POSITION}trailing`, 'malformed'],
    ['!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0', 'missing-checksum'],
    ['!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4B', 'bad-checksum'],
    ['!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4', 'bad-checksum'],
    ['!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*', 'bad-checksum'],
    [sealed('AIVDM,0,0,,A,1,0'), 'bad-fragment-count'],
    [sealed('AIVDM,1,0,,A,1,0'), 'bad-fragment-count'],
    [sealed('AIVDM,2,3,1,A,1,0'), 'bad-fragment-count'],
    [sealed('AIVDM,10,1,1,A,1,0'), 'bad-fragment-count'],
    [sealed('AIVDM,9999999999,1,1,A,1,0'), 'bad-fragment-count'],
    ['!AIVDM,1,1,,B,,0*25', 'empty-payload'],
    [sealed('AIVDM,1,1,,A,1,6'), 'bad-fill-bits'],
    [sealed('AIVDM,1,1,,A,1,'), 'bad-fill-bits'],
    [sealed('AIVDM,1,1,,A,1,00'), 'bad-fill-bits'],
    [sealed('AIVDM,2,1,1,A,1,2'), 'bad-fill-bits'],
    [sealed('AIVDM,1,1,,A,1X5,0'), 'bad-armour'],
    [sealed('AIVDM,1,1,,A,1x5,0'), 'bad-armour'],
    [sealed('AIVDM,1,1,,A,1 5,0'), 'bad-armour'],
    [`\\s:rx1*00\\${POSITION}`, 'bad-tag-block'],
    [`\\s:rx1\\${POSITION}`, 'bad-tag-block'],
    [`\\s:rx1${POSITION}`, 'bad-tag-block'],
    [`${tagged('c:yesterday')}${POSITION}`, 'bad-tag-block'],
    [`${tagged('c:999999999999999')}${POSITION}`, 'bad-tag-block'],
    [`!AIVDM,1,1,,A,${'0'.repeat(5000)},0*00`, 'line-too-long'],
  ])('rejects %j as %s', (line, reason) => {
    expect(parseSentence(line, 3)).toEqual({ ok: false, reason, lineNumber: 3 })
  })

  it('takes 4,096 characters and not one more', () => {
    const fields = `AIVDM,1,1,,A,${'0'.repeat(4096 - 19)},0`
    expect(sealed(fields)).toHaveLength(4096)
    expect(parseSentence(`${sealed(fields)}\r\n`)).toMatchObject({ ok: true })
    expect(parseSentence(sealed(fields.replace(',A,', ',A,0')))).toMatchObject({
      reason: 'line-too-long',
    })
  })

  it('notices any single changed character', () => {
    const unnoticed: string[] = []
    for (let at = 0; at < POSITION.length; at++) {
      for (let code = 33; code <= 126; code++) {
        const changed = POSITION.slice(0, at) + String.fromCharCode(code) + POSITION.slice(at + 1)
        if (parseSentence(changed).ok && changed !== POSITION) unnoticed.push(changed)
      }
    }
    // The checksum may be in small letters.
    expect(unnoticed).toEqual([POSITION.replace('*4A', '*4a')])
  })

  it('never throws, and gives a known reason', () => {
    const noise = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ maxLength: 60 }).map((fields) => sealed(`AIVDM,${fields}`)),
      fc.string({ maxLength: 60 }).map((block) => tagged(block) + POSITION),
      fc
        .array(fc.constantFrom('!AIVDM', '\\', ',', '*', '1', '\u{ffff}', 'A'), { maxLength: 30 })
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(noise, (line) => {
        const result = parseSentence(line)
        if (!result.ok) expect(rejectionKinds).toHaveProperty(result.reason)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('parseLine', () => {
  it('reads a line in a text as it reads the line alone, whatever stands around it', () => {
    const pieces = ['!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A', tagged('s:rx1'), '!A', '$GP']
    const texts = fc
      .array(fc.constantFrom(...pieces, 'IVDM,', 'GGA,', '\\', ',', '*4A', '\n', ' ', '{'))
      .map((parts) => parts.join(''))
    const places = fc.tuple(texts, fc.nat(), fc.nat()).map(([text, one, other]) => {
      const ends = [one % (text.length + 1), other % (text.length + 1)]
      return { text, start: Math.min(...ends), end: Math.max(...ends), number: 3 }
    })
    fc.assert(
      fc.property(fc.oneof(places, texts.map(amongOthers)), (line) => {
        const alone = parseSentence(line.text.slice(line.start, line.end), 3)
        expect(parseLine(line)).toEqual(alone)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('rejectionKinds', () => {
  it('ignores only what is not meant for the decoder', () => {
    const ignored = Object.entries(rejectionKinds).filter(([, kind]) => kind.ignored)
    expect(ignored.map(([reason]) => reason)).toEqual(['empty', 'not-ais'])
  })

  it('words each reason in either language, and no two alike', () => {
    const texts = Object.values(rejectionKinds).flatMap(({ text }) => [text.en, text.es])
    expect(texts).not.toContain('')
    expect(new Set(texts).size).toBe(texts.length)
  })
})
