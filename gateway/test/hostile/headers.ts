import { badRequest, type HostileRequest, marker, passes, refused, withToken } from './hostile.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What only the gateway may say, or what ends with the caller's connection. */
const dropped = [
  `X-PortTrack-User: ${marker}`,
  `x-porttrack-roles: ${marker}`,
  `X_PORTTRACK_USER: ${marker}`,
  `x-porttrack_user: ${marker}`,
  `x_porttrack-user: ${marker}`,
  `Forwarded: for=6.6.6.6;host=${marker}`,
  `X-Forwarded-User: ${marker}`,
  `X-Forwarded-Prefix: /${marker}`,
  `X-Forwarded-Port: ${marker}`,
  `X-Forwarded-Scheme: ${marker}`,
  `X-Forwarded-Client-Cert: ${marker}`,
  `X_Forwarded_For: ${marker}`,
  `X_Forwarded-Host: ${marker}`,
  `X-Real-IP: ${marker}`,
  `X_Real_IP: ${marker}`,
  `Content_Length: ${marker}`,
  `Transfer_Encoding: ${marker}`,
  `Cookie: session=${marker}`,
  `Proxy-Authorization: Basic ${marker}`,
  `Proxy-Connection: ${marker}`,
  `Keep-Alive: ${marker}`,
  `TE: trailers, ${marker}`,
  `Trailer: ${marker}`,
  `Baggage: user=${marker}`,
  `Tracestate: ${marker}=1`,
  `X-Canary: ${marker}`,
]

/** What the gateway says itself, whatever the caller has said. */
const replaced: [line: string, headers: Record<string, string | RegExp | undefined>][] = [
  [`X-Forwarded-For: ${marker}`, { 'x-forwarded-for': '127.0.0.1' }],
  [`X-Forwarded-Host: ${marker}`, { 'x-forwarded-host': 'port.example' }],
  [`X-Forwarded-Proto: ${marker}`, { 'x-forwarded-proto': 'http' }],
  [`X-Request-Id: ${marker} with spaces`, { 'x-request-id': uuid }],
  [`X-Request-Id: ${marker.repeat(20)}`, { 'x-request-id': uuid }],
  [`X-Request-Id: ${marker}"},{"level":"fatal`, { 'x-request-id': uuid }],
  [`X-Request-Id: <script>${marker}</script>`, { 'x-request-id': uuid }],
  [`X-Request-Id: a\r\nX-Request-Id: ${marker}`, { 'x-request-id': uuid }],
  ['X-Request-Id:', { 'x-request-id': uuid }],
  [`X-Request-Deadline: ${marker}`, { 'x-request-deadline': /^\d{13}$/ }],
  ['X-Request-Deadline: 9999999999999', { 'x-request-deadline': /^[1-8]\d{12}$/ }],
  ['X-Request-Deadline: -1', { 'x-request-deadline': /^\d{13}$/ }],
  ['X-Request-Deadline: 99999999999999999999', { 'x-request-deadline': /^\d{13}$/ }],
  ['X-Canary: always', { 'x-canary': undefined }],
]

/** Trace contexts that are none (W3C Trace Context §3.2). */
const traces = [
  marker,
  '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01',
  `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-${marker}`,
  `00-${'4'.repeat(4_000)}-00f067aa0ba902b7-01`,
]

/** What the caller names in `Connection` is dropped; what the gateway says itself is not. */
const named: [connection: string, line: string][] = [
  ['x-hop', `X-Hop: ${marker}`],
  ['keep-alive, X-Hop', `X-Hop: ${marker}`],
  ['close,x-hop,', `X-Hop: ${marker}`],
  ['Authorization', 'X-Other: 1'],
  ['x-request-id, x-request-deadline', 'X-Other: 1'],
  ['x-forwarded-for, host', 'X-Other: 1'],
]

const malformed: Record<string, string> = {
  'a NUL in a value': 'X-Any: a\0b',
  'a carriage return in a value': 'X-Any: a\rX-PortTrack-User: admin',
  'a line feed in a value': 'X-Any: a\nX-PortTrack-User: admin',
  'a value that goes on in the next line': 'X-Any: a\r\n b',
  'a value that goes on after a tab': 'X-Any: a\r\n\tb',
  'no name': ': a',
  'a space in the name': 'X Any: a',
  'a space before the colon': 'X-Any : a',
  'no colon': 'X-Any',
  'a letter outside ASCII in the name': 'X-\xc4ny: a',
  'a parenthesis in the name': 'X(Any): a',
  'a NUL in the name': 'X-\0Any: a',
  'a control character in a value': 'X-Any: a\x01b',
  'a delete character in a value': 'X-Any: a\x7fb',
}

/** Expectations that nobody meets (RFC 9110 §10.1.1). */
const expectations = ['200-ok', '100-continue, 200-ok', '100-continue;q=1', '100-continued', marker]

const hosts: Record<string, string> = {
  'a path in it': 'Host: port.example/evil',
  'a user in it': 'Host: admin@port.example',
  'two names': 'Host: port.example, evil.example',
  'a space in it': 'Host: port.example evil.example',
  'a port that is none': 'Host: port.example:http',
  'no name': 'Host:',
}

export const headers: readonly HostileRequest[] = [
  ...dropped.map((line) => ({
    name: `dropped: ${line}`,
    bytes: withToken({ headers: [line] }),
    expected: passes(),
  })),
  ...replaced.map(([line, seen]) => ({
    name: `replaced: ${line.replaceAll('\r\n', ' / ').slice(0, 80)}`,
    bytes: withToken({ headers: [line] }),
    expected: passes({ headers: seen }),
  })),
  ...traces.map((trace) => ({
    name: `a trace context that is none: ${trace.slice(0, 80)}`,
    bytes: withToken({ headers: [`Traceparent: ${trace}`, `Tracestate: ${marker}=1`] }),
    expected: passes({ headers: { tracestate: undefined, traceparent: undefined } }),
  })),
  ...named.map(([connection, line]) => ({
    name: `Connection: ${connection}`,
    bytes: withToken({ headers: [`Connection: ${connection}`, line] }),
    expected: passes({
      headers: {
        'x-forwarded-for': '127.0.0.1',
        'x-request-id': uuid,
        'x-request-deadline': /^\d{13}$/,
        'x-hop': undefined,
      },
      claims: { sub: 'user-1' },
    }),
  })),
  ...Object.entries(malformed).map(([name, line]) => ({
    name,
    bytes: withToken({ headers: [line] }),
    expected: badRequest,
  })),
  ...expectations.map((expectation) => ({
    name: `an expectation that is not met: ${expectation}`,
    bytes: withToken({ headers: [`Expect: ${expectation}`] }),
    expected: badRequest,
  })),
  {
    name: 'an expectation of HTTP/1.0, which gets no interim answer',
    bytes: withToken({
      line: 'POST /barcos/v1/x HTTP/1.0',
      headers: ['Expect: 100-continue', 'Content-Length: 3'],
      body: 'abc',
    }),
    expected: passes({ method: 'POST', body: 'abc' }),
  },
  {
    name: 'more octets than are taken',
    bytes: withToken({
      headers: Array.from({ length: 200 }, (_, n) => `X-${n}: ${'a'.repeat(100)}`),
    }),
    expected: refused(431, 'HEADERS_TOO_LARGE'),
  },
  {
    name: 'two Host headers',
    bytes: withToken({ headers: ['Host: evil.example'] }),
    expected: badRequest,
  },
  {
    name: 'two Host headers that agree',
    bytes: withToken({ headers: ['host: port.example'] }),
    expected: badRequest,
  },
  {
    name: 'no Host',
    bytes: (arsenal) => withToken({})(arsenal).replace('Host: port.example\r\n', ''),
    expected: badRequest,
  },
  ...Object.entries(hosts).map(([name, host]) => ({
    name: `a Host with ${name}`,
    bytes: (arsenal: Parameters<HostileRequest['bytes']>[0]) =>
      withToken({})(arsenal).replace('Host: port.example', host),
    expected: badRequest,
  })),
]
