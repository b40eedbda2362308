import { expect, test } from 'vitest'
import { describeCrash, readableLogLines } from './messages.ts'

test('shows a request as one short line', () => {
  const line =
    '{"log.level":"info","@timestamp":"2026-11-23T02:40:14.248Z","process.pid":7,"service.name":"rutas","http.request.method":"POST","url.path":"/v1/ais","http.response.status_code":200,"message":"request served"}'
  expect(readableLogLines(line)).toEqual(['02:40:14.248 info request served POST /v1/ais 200'])
})

test('shows an error with its stack', () => {
  const line = JSON.stringify({
    'log.level': 'fatal',
    '@timestamp': '2026-11-23T02:40:14.248Z',
    message: 'uncaught',
    error: { type: 'TypeError', message: 'no', stack_trace: 'TypeError: no\n    at here' },
  })
  expect(readableLogLines(line)).toEqual([
    '02:40:14.248 fatal uncaught',
    '  TypeError: no',
    '      at here',
  ])
})

test.each(['LOG:  database system is ready', '{"half a line', '[1]', 'null', '{"key":1}', '7'])(
  'leaves %j as it is',
  (line) => {
    expect(readableLogLines(line)).toEqual([line])
  },
)

test('names a process that said nothing', () => {
  const crash = { name: 'carga', how: 'signal SIGKILL', logFile: '/logs/carga.log', lines: [] }
  expect(describeCrash(crash)).toBe(
    'carga ended: signal SIGKILL\n    (it wrote nothing)\n  all that it wrote: /logs/carga.log',
  )
})
