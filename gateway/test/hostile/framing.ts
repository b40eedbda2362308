import { badRequest, type HostileRequest, passes, refused, withToken } from './hostile.ts'

const post = 'POST /barcos/v1/x HTTP/1.1'
const smuggled = 'GET /barcos/v1/smuggled HTTP/1.1\r\nHost: port.example\r\n\r\n'

/** Header lines and what follows them. */
const refusedBodies: Record<string, [headers: string[], body: string]> = {
  'a length and chunks': [['Content-Length: 3', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
  'chunks and a length': [['Transfer-Encoding: chunked', 'Content-Length: 3'], '0\r\n\r\n'],
  'a length and chunks, with a request in the body': [
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    `0\r\n\r\n${smuggled}`,
  ],
  'two lengths': [['Content-Length: 3', 'Content-Length: 4'], 'abcd'],
  'two lengths that agree': [['Content-Length: 3', 'Content-Length: 3'], 'abc'],
  'two lengths in one header': [['Content-Length: 3, 3'], 'abc'],
  'a length with a sign': [['Content-Length: +3'], 'abc'],
  'a length below zero': [['Content-Length: -1'], 'abc'],
  'a length of sixteen’s digits': [['Content-Length: 0x3'], 'abc'],
  'a length with an exponent': [['Content-Length: 1e1'], 'abc'],
  'a length with a point': [['Content-Length: 3.0'], 'abc'],
  'a length with a space in it': [['Content-Length: 3 3'], 'abc'],
  'a length that is empty': [['Content-Length:'], 'abc'],
  'a length that is a word': [['Content-Length: chunked'], 'abc'],
  'a length beyond 64 bits': [['Content-Length: 99999999999999999999'], 'abc'],
  'a space before the colon of a length': [['Content-Length : 3'], 'abc'],
  'an unknown coding': [['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
  'a coding that changes nothing': [['Transfer-Encoding: identity'], 'abc'],
  'chunks before another coding': [['Transfer-Encoding: chunked, gzip'], '0\r\n\r\n'],
  'chunks after another coding': [['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
  'chunks of chunks': [['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'],
  'two headers of codings': [
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    '0\r\n\r\n',
  ],
  'two headers of codings the other way round': [
    ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'],
    '0\r\n\r\n',
  ],
  'a coding in quotes': [['Transfer-Encoding: "chunked"'], '0\r\n\r\n'],
  'a coding with a parameter': [['Transfer-Encoding: chunked;q=1'], '0\r\n\r\n'],
  'a coding after a control character': [['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'],
  'a coding in the next line': [['Transfer-Encoding:', ' chunked'], '0\r\n\r\n'],
  'a space before the colon of a coding': [['Transfer-Encoding : chunked'], '0\r\n\r\n'],
  'a coding that is empty': [['Transfer-Encoding:'], 'abc'],
  'a chunk of no size': [['Transfer-Encoding: chunked'], '\r\nabc\r\n0\r\n\r\n'],
  'a chunk of a size that is none': [['Transfer-Encoding: chunked'], 'g\r\nabc\r\n0\r\n\r\n'],
  'a chunk of a size below zero': [['Transfer-Encoding: chunked'], '-1\r\nabc\r\n0\r\n\r\n'],
  'a chunk of a size with a prefix': [['Transfer-Encoding: chunked'], '0x3\r\nabc\r\n0\r\n\r\n'],
  'a chunk of a size after a space': [['Transfer-Encoding: chunked'], ' 3\r\nabc\r\n0\r\n\r\n'],
  'a chunk of a size beyond 64 bits': [
    ['Transfer-Encoding: chunked'],
    'fffffffffffffffff\r\nabc\r\n0\r\n\r\n',
  ],
  'a chunk longer than its size': [['Transfer-Encoding: chunked'], '2\r\nabc\r\n0\r\n\r\n'],
  'a chunk shorter than its size': [['Transfer-Encoding: chunked'], '4\r\nabc\r\n0\r\n\r\n'],
  'a chunk that ends with a line feed alone': [
    ['Transfer-Encoding: chunked'],
    '3\r\nabc\n0\r\n\r\n',
  ],
  'a size that ends with a line feed alone': [
    ['Transfer-Encoding: chunked'],
    '3\nabc\r\n0\r\n\r\n',
  ],
  'a size that ends with a carriage return alone': [
    ['Transfer-Encoding: chunked'],
    '3\rabc\r\n0\r\n\r\n',
  ],
  'a line feed in a chunk’s extension': [
    ['Transfer-Encoding: chunked'],
    '3;a\nb\r\nabc\r\n0\r\n\r\n',
  ],
  'a NUL in a chunk’s extension': [['Transfer-Encoding: chunked'], '3;a\0\r\nabc\r\n0\r\n\r\n'],
  'a trailer with a length': [
    ['Transfer-Encoding: chunked'],
    '3\r\nabc\r\n0\r\nContent-Length: 99\r\n\r\n',
  ],
  'a trailer with a space in its name': [
    ['Transfer-Encoding: chunked'],
    '3\r\nabc\r\n0\r\nX Any: 1\r\n\r\n',
  ],
}

/** What is written as no request is, from its first octet on. */
const refusedLines: Record<string, string> = {
  'no HTTP': 'hello',
  'TLS where there is none': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM',
  'HTTP/0.9': 'GET /barcos/v1/x',
  'a version with more digits': 'GET /barcos/v1/x HTTP/1.10',
  'HTTP/2 without its preface': 'GET /barcos/v1/x HTTP/2.0',
  'a version that is to come': 'GET /barcos/v1/x HTTP/3.0',
  'a version in small letters': 'GET /barcos/v1/x http/1.1',
  'a version of something else': 'GET /barcos/v1/x ICY/1.1',
  'no target': 'GET  HTTP/1.1',
  'a target of two words': 'GET /barcos/v1/x /barcos/v1/y HTTP/1.1',
  'a tab after the method': 'GET\t/barcos/v1/x HTTP/1.1',
  'a space before the method': ' GET /barcos/v1/x HTTP/1.1',
  'a NUL in the target': 'GET /barcos/v1/x\0y HTTP/1.1',
  'a carriage return in the target': 'GET /barcos/v1/x\ry HTTP/1.1',
  'a line feed in the target': 'GET /barcos/v1/x\ny HTTP/1.1',
}

const chunked = { line: post, headers: ['Transfer-Encoding: chunked'] }
const whole = passes({ method: 'POST', body: 'abc', target: '/v1/x' })

export const framing: readonly HostileRequest[] = [
  ...Object.entries(refusedBodies).map(([name, [headers, body]]) => ({
    name,
    bytes: withToken({ line: post, headers, body }),
    expected: badRequest,
  })),
  ...Object.entries(refusedLines).map(([name, line]) => ({
    name,
    bytes: withToken({ line }),
    expected: badRequest,
  })),
  {
    name: 'lines that end with a line feed alone',
    bytes: (arsenal) => withToken({})(arsenal).replaceAll('\r\n', '\n'),
    expected: badRequest,
  },
  {
    name: 'lines that end with a carriage return alone',
    bytes: (arsenal) => withToken({})(arsenal).replaceAll('\r\n', '\r'),
    expected: badRequest,
  },
  {
    name: 'one line among others that ends with a line feed alone',
    bytes: withToken({ headers: ['X-Any: a\nX-Other: b'] }),
    expected: badRequest,
  },
  {
    name: 'a GET with a length',
    bytes: withToken({ headers: ['Content-Length: 3'], body: 'abc' }),
    expected: badRequest,
  },
  {
    name: 'a GET with chunks',
    bytes: withToken({ headers: ['Transfer-Encoding: chunked'], body: '0\r\n\r\n' }),
    expected: badRequest,
  },
  {
    name: 'a GET with a request as its body',
    bytes: withToken({ headers: [`Content-Length: ${smuggled.length}`], body: smuggled }),
    expected: badRequest,
  },
  {
    name: 'more announced than is taken',
    bytes: withToken({ line: post, headers: ['Content-Length: 99999999'], body: 'abc' }),
    expected: refused(413, 'PAYLOAD_TOO_LARGE'),
  },
  {
    name: 'an extension of a chunk longer than any is taken',
    bytes: withToken({ ...chunked, body: `3;${'a'.repeat(20_000)}\r\nabc\r\n0\r\n\r\n` }),
    expected: refused(413, 'PAYLOAD_TOO_LARGE'),
  },
  {
    name: 'a chunk with an extension, which is dropped',
    bytes: withToken({ ...chunked, body: '3;a=b\r\nabc\r\n0\r\n\r\n' }),
    expected: whole,
  },
  {
    name: 'a chunk with zeros before its size',
    bytes: withToken({ ...chunked, body: '0003\r\nabc\r\n0\r\n\r\n' }),
    expected: whole,
  },
  {
    name: 'a coding in capitals',
    bytes: withToken({
      line: post,
      headers: ['Transfer-Encoding: CHUNKED'],
      body: '3\r\nabc\r\n0\r\n\r\n',
    }),
    expected: whole,
  },
  {
    name: 'a trailer that would be a header, which is dropped',
    bytes: withToken({
      ...chunked,
      body: '3\r\nabc\r\n0\r\nX-PortTrack-User: evil\r\n\r\n',
    }),
    expected: whole,
  },
  {
    name: 'a length whose name is written with an underscore, beside a true one',
    bytes: withToken({
      line: post,
      headers: ['Content_Length: 99', 'Content-Length: 3'],
      body: 'abc',
    }),
    expected: whole,
  },
]
