import { expect, test } from 'vitest'
import { defaultPorts } from '../platform/ports.ts'
import { parseOptions, UsageError } from './options.ts'

test('starts with everything on its usual port', () => {
  expect(parseOptions([])).toEqual({
    fresh: false,
    traffic: true,
    tls: false,
    help: false,
    ports: defaultPorts,
  })
})

test('moves all ports but those that are given', () => {
  const { ports } = parseOptions(['--offset', '100', '--port=8090', '--ports', 'postgres=5433'])
  expect(ports).toMatchObject({ gateway: 8090, postgres: 5433, cognito: 9330, barcos: 8201 })
})

test.each([
  [['--frehs'], /frehs/],
  [['extra'], /extra/],
  [['--port'], /port/],
  [['--port', 'http'], /--port: "http" is not a whole number/],
  [['--port', '0'], /gateway: 0 is not a port/],
  [['--offset', '60000'], /is not a port/],
  [['--ports', 'redis=1'], /there is no port "redis"/],
])('refuses %j', (commandLine, message) => {
  expect(() => parseOptions(commandLine)).toThrow(UsageError)
  expect(() => parseOptions(commandLine)).toThrow(message)
})
