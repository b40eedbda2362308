import { badRequest, type HostileRequest, notFound, passes, refused, withToken } from './hostile.ts'

const ambiguous = [
  '/barcos/../carga/v1/x',
  '/barcos/v1/..',
  '/barcos/v1/../../carga/v1/x',
  '/barcos/./v1/x',
  '/barcos/v1/.',
  '/barcos/v1/%2e%2e/x',
  '/barcos/v1/.%2E/x',
  '/barcos/v1/%2e/x',
  '/barcos/%2e%2e/carga/v1/x',
  '/barcos//v1/x',
  '/barcos/v1//x',
  '/barcos/v1/x//',
  '/barcos/v1/a%2fb',
  '/barcos/v1/a%2Fb',
  '/barcos/v1/..%2f..%2fmetrics',
  '/barcos/v1/a%5cb',
  '/barcos/v1/..%5c..%5cmetrics',
  String.raw`/barcos/v1/a\b`,
  String.raw`/barcos/v1/..\..\metrics`,
  '/barcos/v1/a%00b',
  '/barcos/v1/x%00.json',
  '/barcos/v1/x?a=%00',
  '/barcos/v1/a%0ab',
  '/barcos/v1/a%0d%0aX-Any:%20b',
  '/barcos/v1/a%7fb',
  '/barcos/v1/%zz',
  '/barcos/v1/%',
  '/barcos/v1/%2',
  '/barcos/v1/%u002e%u002e/x',
  '/barcos/v1/%c3%28',
  '/barcos/v1/%c0%ae%c0%ae/x',
  '/barcos/v1/%c0%afx',
  '/barcos/v1/%e0%80%af',
  '/barcos/v1/%ed%a0%80',
  '/barcos/v1/%ff',
  '/barcos/v1/x#/../y',
  '/barcos/v1/x#fragment',
]

const nowhere = [
  '/nothing/v1/x',
  '/gateway/v1/x',
  '/Barcos/v1/x',
  '/BARCOS/v1/x',
  '/%62arcos/v1/x',
  '/barcos%2fv1/x',
  '//barcos/v1/x',
  '/./barcos/v1/x',
  '/../barcos/v1/x',
  '/barcos',
  '/barcosx/v1/x',
  '/barcos;x/v1/x',
  '/barcos.json',
  '/health/live',
  '/metrics',
  '/__proto__/v1/x',
  '/constructor/v1/x',
]

/** Targets of other forms than a path (RFC 9112 §3.2). */
const otherForms = [
  'http://port.example/barcos/v1/x',
  'http://evil.example/barcos/v1/x',
  'http://127.0.0.1:1/metrics',
  'https://evil.example/',
  'evil.example:443',
  '*',
  'barcos/v1/x',
  '@evil.example/barcos/v1/x',
  '?/barcos/v1/x',
]

/** What has one meaning goes on as it is written. */
const plain = [
  '/v1/a%2520b',
  '/v1/a%252e%252e%252fb',
  '/v1/caf%C3%A9',
  '/v1/a...b',
  '/v1/.well-known',
  '/v1/x;a=b',
  '/v1/x?a=../..//%2f',
  '/v1/x?a=%zz&a[]=1&__proto__=1',
  '/v1/x??',
  "/v1/'%20OR%201=1",
]

const notAllowed = refused(405, 'METHOD_NOT_ALLOWED')

const refusedMethods: [method: string, expected: HostileRequest['expected']][] = [
  ['TRACE', notAllowed],
  ['OPTIONS', notAllowed],
  ['PROPFIND', notAllowed],
  ['PURGE', notAllowed],
  ['SEARCH', notAllowed],
  ['LINK', notAllowed],
  ['get', badRequest],
  ['Get', badRequest],
  ['FOO', badRequest],
  ['GET,POST', badRequest],
  ['GET\0', badRequest],
  ['', badRequest],
]

const upgrades: Record<string, string[]> = {
  'to a web socket': [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ],
  'to HTTP/2 without TLS': [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
  ],
  'to TLS': ['Connection: Upgrade', 'Upgrade: TLS/1.2'],
  'to several things': ['Connection: upgrade', 'Upgrade: websocket, h2c'],
}

export const paths: readonly HostileRequest[] = [
  ...ambiguous.map((path) => ({
    name: `read in two ways: ${path}`,
    bytes: withToken({ line: `GET ${path} HTTP/1.1` }),
    expected: badRequest,
  })),
  ...nowhere.map((path) => ({
    name: `of no service: ${path}`,
    bytes: withToken({ line: `GET ${path} HTTP/1.1` }),
    expected: notFound,
  })),
  ...otherForms.map((target) => ({
    name: `of another form: ${target}`,
    bytes: withToken({ line: `GET ${target} HTTP/1.1` }),
    expected: badRequest,
  })),
  ...plain.map((target) => ({
    name: `of one meaning: ${target}`,
    bytes: withToken({ line: `GET /barcos${target} HTTP/1.1` }),
    expected: passes({ target }),
  })),
  {
    name: 'with a letter outside ASCII',
    bytes: withToken({ line: 'GET /barcos/v1/caf\xc3\xa9 HTTP/1.1' }),
    expected: badRequest,
  },
  {
    name: 'longer than any is taken',
    bytes: withToken({ line: `GET /barcos/v1/${'x'.repeat(20_000)} HTTP/1.1` }),
    expected: refused(431, 'HEADERS_TOO_LARGE'),
  },
]

export const methods: readonly HostileRequest[] = [
  ...refusedMethods.map(([method, expected]) => ({
    name: method === '' ? 'none' : method,
    bytes: withToken({ line: `${method} /barcos/v1/x HTTP/1.1` }),
    expected,
  })),
  {
    name: 'CONNECT to a host',
    bytes: withToken({ line: 'CONNECT evil.example:443 HTTP/1.1' }),
    expected: notAllowed,
  },
  {
    name: 'CONNECT to a path',
    bytes: withToken({ line: 'CONNECT /barcos/v1/x HTTP/1.1' }),
    expected: notAllowed,
  },
  {
    name: 'another method in a header, which stays a header',
    bytes: withToken({ headers: ['X-HTTP-Method-Override: DELETE'] }),
    expected: passes({ method: 'GET' }),
  },
]

export const upgrading: readonly HostileRequest[] = Object.entries(upgrades).map(
  ([name, headers]) => ({
    name,
    bytes: withToken({ headers }),
    expected: passes({
      headers: { upgrade: undefined, 'http2-settings': undefined, connection: 'keep-alive' },
    }),
  }),
)
