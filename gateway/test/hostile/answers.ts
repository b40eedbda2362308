/** What a service may send in answer to a GET, byte by byte, and what must come of it. */
export type HostileAnswer = {
  name: string
  method?: 'GET' | 'HEAD'
  /** Characters are octets (Latin-1). */
  bytes: string
  /** Whether the service ends the connection after it. */
  ends?: true
  expected:
    | 'refused'
    /** After its head, which looked well, was on its way to the caller. */
    | 'cut'
    | { status: number; body: string; headers?: Record<string, string | undefined> }
  /** Whether the connection serves the next request too. */
  reused?: true
}

const head = (...lines: string[]) =>
  ['HTTP/1.1 200 OK', ...lines].map((line) => `${line}\r\n`).join('') + '\r\n'

const smuggled = `${head('content-length: 4')}evil`
const ok = { status: 200, body: 'ok' }

/** Name, and the first line as it stands. */
const statusLines: Record<string, string> = {
  'another protocol': 'SSH-2.0-OpenSSH_9.6',
  'HTTP/1.0': 'HTTP/1.0 200 OK',
  'HTTP/2': 'HTTP/2 200 OK',
  'HTTP/1.2': 'HTTP/1.2 200 OK',
  'no version': '200 OK',
  'HTTP/0.9, which has no head': 'ok',
  'small letters': 'http/1.1 200 OK',
  'a tab between version and status': 'HTTP/1.1\t200 OK',
  'two spaces before the status': 'HTTP/1.1  200 OK',
  'no status': 'HTTP/1.1 OK',
  'a status of two digits': 'HTTP/1.1 20 OK',
  'a status of four digits': 'HTTP/1.1 2000 OK',
  'a status with a sign': 'HTTP/1.1 +20 OK',
  'a status of 000': 'HTTP/1.1 000 OK',
  'a status of 600': 'HTTP/1.1 600 OK',
  'no space after the status': 'HTTP/1.1 200',
  'a NUL in the reason': 'HTTP/1.1 200 O\0K',
  'a bare CR in the reason': 'HTTP/1.1 200 O\rK',
  'a space before it': ' HTTP/1.1 200 OK',
  'an empty line before it': '\r\nHTTP/1.1 200 OK',
}

/** Field lines, with a body of two octets behind them. */
const fields: Record<string, string[]> = {
  'a length twice': ['content-length: 2', 'content-length: 2'],
  'two lengths': ['content-length: 2', 'content-length: 12'],
  'two lengths in one field': ['content-length: 2, 2'],
  'a length with a sign': ['content-length: +2'],
  'a length below zero': ['content-length: -2'],
  'a length of sixteen’s digits': ['content-length: 0x2'],
  'a length with an exponent': ['content-length: 2e0'],
  'a length with a point': ['content-length: 2.0'],
  'a length that is empty': ['content-length:'],
  'a length beyond what can be counted': ['content-length: 99999999999999999999'],
  'a space before the colon': ['content-length : 2'],
  'a tab before the colon': ['content-length\t: 2'],
  'a length in a line that continues another': ['x-a: b', ' content-length: 2'],
  'a line that continues another': ['content-length: 2', 'x-a: b', ' c'],
  'a tab that continues a line': ['content-length: 2', 'x-a: b', '\tc'],
  'a line without a colon': ['content-length: 2', 'x-a'],
  'a line without a name': ['content-length: 2', ': b'],
  'a space in a name': ['content-length: 2', 'x a: b'],
  'a letter in a name that is none of ASCII': ['content-length: 2', 'x-\xe9: b'],
  'a NUL in a name': ['content-length: 2', 'x-\0: b'],
  'a NUL in a value': ['content-length: 2', 'x-a: b\0c'],
  'a bare CR in a value': ['content-length: 2', 'x-a: b\rx-b: c'],
  'a bare LF in a value': ['content-length: 2', 'x-a: b\nx-b: c'],
  'a bell in a value': ['content-length: 2', 'x-a: \x07'],
  'a DEL in a value': ['content-length: 2', 'x-a: \x7f'],
  'no length at all': ['x-a: b'],
  'an unknown coding': ['transfer-encoding: xchunked'],
  'a coding that changes nothing': ['transfer-encoding: identity'],
  'an empty coding': ['transfer-encoding:'],
  'a large head': ['content-length: 2', `x-a: ${'b'.repeat(16_384)}`],
  'many fields': [
    'content-length: 2',
    ...Array.from({ length: 4_000 }, (_, index) => `x-${index}: b`),
  ],
}

/** Field lines, with a body in chunks behind them. */
const codings: Record<string, string[]> = {
  'a length and chunks': ['content-length: 2', 'transfer-encoding: chunked'],
  'chunks and a length': ['transfer-encoding: chunked', 'content-length: 2'],
  'chunks and a length of nothing': ['transfer-encoding: chunked', 'content-length: 0'],
  'chunks twice': ['transfer-encoding: chunked', 'transfer-encoding: chunked'],
  'chunks of chunks': ['transfer-encoding: chunked, chunked'],
  'chunks after another coding': ['transfer-encoding: gzip, chunked'],
  'chunks before another coding': ['transfer-encoding: chunked, gzip'],
  'chunks and a word': ['transfer-encoding: chunked;q=1'],
  'chunks in quotes': ['transfer-encoding: "chunked"'],
}

/** Bodies behind `transfer-encoding: chunked`. */
const chunks: Record<string, string> = {
  'a size that is no number': 'g\r\nok\r\n0\r\n\r\n',
  'a size with 0x': '0x2\r\nok\r\n0\r\n\r\n',
  'a size with a sign': '+2\r\nok\r\n0\r\n\r\n',
  'a size below zero': '-2\r\nok\r\n0\r\n\r\n',
  'an empty size': '\r\nok\r\n0\r\n\r\n',
  'a space before a size': ' 2\r\nok\r\n0\r\n\r\n',
  'a space after a size': '2 \r\nok\r\n0\r\n\r\n',
  'a size beyond 32 bits': '100000002\r\nok\r\n0\r\n\r\n',
  'a size beyond 64 bits': 'f0000000000000002\r\nok\r\n0\r\n\r\n',
  'a size of many zeros': `${'0'.repeat(20)}2\r\nok\r\n0\r\n\r\n`,
  'a bare LF after a size': '2\nok\r\n0\r\n\r\n',
  'a bare CR after a size': '2\rok\r\n0\r\n\r\n',
  'a bare LF after data': '2\r\nok\n0\r\n\r\n',
  'more data than its size': '2\r\nokay\r\n0\r\n\r\n',
  'less data than its size': '4\r\nok\r\n0\r\n\r\n',
  'a bare LF in an extension': '2;a\nok\r\n0\r\n\r\n',
  'a NUL in an extension': '2;\0\r\nok\r\n0\r\n\r\n',
  'an extension without end': `2;${'a'.repeat(2_000)}\r\nok\r\n0\r\n\r\n`,
  'a NUL in a trailer': '2\r\nok\r\n0\r\nx-a: \0\r\n\r\n',
  'a bare LF after a trailer': '2\r\nok\r\n0\r\nx-a: b\n\r\n',
  'a bare LF at the end': '2\r\nok\r\n0\r\n\n',
  'a trailer without end': `2\r\nok\r\n0\r\n${'x-a: b\r\n'.repeat(4_000)}\r\n`,
}

const named = <T>(cases: Record<string, T>, make: (given: T) => Omit<HostileAnswer, 'name'>) =>
  Object.entries(cases).map(([name, given]): HostileAnswer => ({ name, ...make(given) }))

export const answers: readonly HostileAnswer[] = [
  ...named(statusLines, (line) => ({
    bytes: `${line}\r\ncontent-length: 2\r\n\r\nok`,
    expected: 'refused',
  })),
  ...named(fields, (lines) => ({ bytes: `${head(...lines)}ok`, expected: 'refused' })),
  ...named(codings, (lines) => ({
    bytes: `${head(...lines)}2\r\nok\r\n0\r\n\r\n`,
    expected: 'refused',
  })),
  ...named(chunks, (body) => ({
    bytes: `${head('transfer-encoding: chunked')}${body}`,
    ends: true,
    expected: 'cut',
  })),
  {
    name: 'lines that end in LF alone',
    bytes: 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok',
    expected: 'refused',
  },
  { name: 'nothing', bytes: '', ends: true, expected: 'refused' },
  { name: 'half a status line', bytes: 'HTTP/1.1 2', ends: true, expected: 'refused' },
  { name: 'half a head', bytes: 'HTTP/1.1 200 OK\r\ncontent-le', ends: true, expected: 'refused' },
  {
    name: 'an end of the connection for a length',
    bytes: `${head('connection: close')}ok`,
    ends: true,
    expected: 'refused',
  },
  { name: 'half a body', bytes: `${head('content-length: 4')}ok`, ends: true, expected: 'cut' },
  {
    name: 'no body where one was said',
    bytes: head('content-length: 4'),
    ends: true,
    expected: 'cut',
  },
  {
    name: 'chunks without the last',
    bytes: `${head('transfer-encoding: chunked')}2\r\nok\r\n`,
    ends: true,
    expected: 'cut',
  },
  {
    name: 'a last chunk without its end',
    bytes: `${head('transfer-encoding: chunked')}2\r\nok\r\n0\r\n`,
    ends: true,
    expected: 'cut',
  },
  {
    name: 'another protocol, changed to',
    bytes:
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x81\x02ok',
    expected: 'refused',
  },
  {
    name: 'interim answers without end',
    bytes: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20),
    expected: 'refused',
  },
  {
    name: 'an interim answer with a body',
    bytes: `HTTP/1.1 103 Early Hints\r\ncontent-length: 2\r\n\r\nok${head('content-length: 2')}ok`,
    expected: 'refused',
  },
  {
    name: 'an interim answer that is no answer',
    bytes: `HTTP/1.1 103 Early Hints\r\nx a: b\r\n\r\n${head('content-length: 2')}ok`,
    expected: 'refused',
  },
  {
    name: 'a 204 with a length',
    bytes: 'HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nevil',
    expected: 'refused',
  },
  {
    name: 'a 204 with chunks',
    bytes: 'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n',
    expected: 'refused',
  },
  {
    name: 'a 204 with a body',
    bytes: 'HTTP/1.1 204 No Content\r\n\r\nevil',
    expected: { status: 204, body: '' },
  },
  {
    name: 'a 304 with a body',
    bytes: 'HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\nevil',
    expected: { status: 304, body: '' },
  },
  {
    name: 'a body after HEAD',
    method: 'HEAD',
    bytes: `${head('content-length: 4')}evil`,
    expected: { status: 200, body: '' },
  },
  {
    name: 'an answer that nobody asked for',
    bytes: `${head('content-length: 2')}ok${smuggled}`,
    expected: ok,
  },
  {
    name: 'an answer that nobody asked for after chunks',
    bytes: `${head('transfer-encoding: chunked')}2\r\nok\r\n0\r\n\r\n${smuggled}`,
    expected: ok,
  },
  {
    name: 'an answer that nobody asked for after a 204',
    bytes: `HTTP/1.1 204 No Content\r\n\r\n${smuggled}`,
    expected: { status: 204, body: '' },
  },
  { name: 'octets after the answer', bytes: `${head('content-length: 2')}okay`, expected: ok },
  { name: 'a line after the answer', bytes: `${head('content-length: 2')}ok\r\n`, expected: ok },
  {
    name: 'an answer after which the service closes',
    bytes: `${head('content-length: 2', 'Connection: Close')}ok`,
    expected: ok,
  },
  {
    name: 'an answer after which the service closes soon',
    bytes: `${head('content-length: 2', 'keep-alive: timeout=1')}ok`,
    expected: ok,
  },
  {
    name: 'an answer and the end',
    bytes: `${head('content-length: 2')}ok`,
    ends: true,
    expected: ok,
  },

  {
    name: 'an answer with a length',
    bytes: `${head('content-length: 2')}ok`,
    expected: ok,
    reused: true,
  },
  {
    name: 'an answer in chunks',
    bytes: `${head('Transfer-Encoding: Chunked')}1\r\no\r\n1\r\nk\r\n0\r\n\r\n`,
    expected: ok,
    reused: true,
  },
  {
    name: 'an answer in chunks with extensions and trailers',
    bytes: `${head('transfer-encoding: chunked')}2;a="b"\r\nok\r\n000;c\r\nx-a: b\r\n\r\n`,
    expected: { ...ok, headers: { 'x-a': undefined } },
    reused: true,
  },
  {
    name: 'an empty answer',
    bytes: head('content-length: 0'),
    expected: { status: 200, body: '' },
    reused: true,
  },
  {
    name: 'a 204',
    bytes: 'HTTP/1.1 204 No Content\r\n\r\n',
    expected: { status: 204, body: '' },
    reused: true,
  },
  {
    name: 'a 304 with the length of what it stands for',
    bytes: 'HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\netag: "a"\r\n\r\n',
    expected: { status: 304, body: '', headers: { etag: '"a"' } },
    reused: true,
  },
  {
    name: 'an answer to HEAD with a length',
    method: 'HEAD',
    bytes: head('content-length: 4'),
    expected: { status: 200, body: '', headers: { 'content-length': '4' } },
    reused: true,
  },
  {
    name: 'an answer to HEAD in chunks',
    method: 'HEAD',
    bytes: head('transfer-encoding: chunked'),
    expected: { status: 200, body: '' },
    reused: true,
  },
  {
    name: 'interim answers before it',
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${head('content-length: 2')}ok`,
    expected: { ...ok, headers: { link: undefined } },
    reused: true,
  },
  {
    name: 'spaces around a value',
    bytes: `${head('content-length: \t2 ', 'x-a: \t b c\t ')}ok`,
    expected: { ...ok, headers: { 'x-a': 'b c' } },
    reused: true,
  },
  {
    name: 'no reason',
    bytes: 'HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nok',
    expected: ok,
    reused: true,
  },
  {
    name: 'octets beyond ASCII in reason, value and body',
    bytes: 'HTTP/1.1 200 \xc3\xa9\r\ncontent-length: 2\r\nx-a: \xe9\r\n\r\n\xc3\xa9',
    expected: { status: 200, body: 'é', headers: { 'x-a': 'é' } },
    reused: true,
  },
]
