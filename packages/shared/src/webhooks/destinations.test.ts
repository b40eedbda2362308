import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDestinations, type Resolve } from './destinations.ts'
import { send } from './send.ts'
import { addressFaults } from './webhook.ts'

let calls = 0
const server = createServer((_request, response) => {
  calls += 1
  response.writeHead(204).end()
})
let port = 0

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, resolve)
  })
  port = (server.address() as AddressInfo).port
})
afterAll(() => void server.close())

const destinationsOf = ({ allowed = '', resolve }: { allowed?: string; resolve?: Resolve }) =>
  createDestinations({ allowed, timeoutMs: 2_000, ...(resolve ? { resolve } : {}) })

const { noTls, notAllowed, unresolved } = addressFaults

const sendTo = async (url: string, given: Parameters<typeof destinationsOf>[0] = {}) => {
  const { agent } = destinationsOf(given)
  const attempt = await send({
    url,
    headers: {},
    body: '{}',
    agent,
    timeoutMs: 2_000,
    signal: new AbortController().signal,
  })
  await agent.destroy()
  return attempt.outcome
}

const resolvingTo =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

describe('a destination', () => {
  it.each([
    'https://8.8.8.8/hook',
    'https://[2606:4700:4700::1111]/hook',
    'https://receiver.example/hook',
  ])('may be %s', async (url) => {
    const { faultsOf } = destinationsOf({ resolve: resolvingTo('93.184.215.14') })
    expect(await faultsOf(url)).toEqual([])
  })

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0xa9fea9fe/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://localhost/',
    'https://LOCALHOST/',
  ])('may not be %s', async (url) => {
    expect(await destinationsOf({}).faultsOf(url)).toEqual([notAllowed])
  })

  it.each([[['10.0.0.1']], [['93.184.215.14', '10.0.0.1']], [['93.184.215.14', '::1']]])(
    'may not have a name for %j',
    async (addresses) => {
      const { faultsOf } = destinationsOf({ resolve: resolvingTo(...addresses) })
      expect(await faultsOf('https://receiver.example/')).toEqual([notAllowed])
    },
  )

  it('must be encrypted, unless the operator has allowed the network', async () => {
    const resolve = resolvingTo('93.184.215.14')
    const url = 'http://receiver.example/'
    expect(await destinationsOf({ resolve }).faultsOf(url)).toEqual([noTls])
    const allowed = destinationsOf({ resolve, allowed: '93.184.215.0/24' })
    expect(await allowed.faultsOf(url)).toEqual([])
    const named = destinationsOf({ resolve, allowed: 'receiver.example' })
    expect(await named.faultsOf(url)).toEqual([])
  })

  it('must have a name that can be resolved', async () => {
    expect(await destinationsOf({}).faultsOf('https://nowhere.invalid/')).toEqual([unresolved])
    const { faultsOf } = destinationsOf({ resolve: resolvingTo() })
    expect(await faultsOf('https://receiver.example/')).toEqual([unresolved])
  })
})

describe('a connection', () => {
  it('is made to what is allowed', async () => {
    const before = calls
    expect(await sendTo(`http://127.0.0.1:${port}/`, { allowed: '127.0.0.0/8' })).toBe('DELIVERED')
    expect(await sendTo(`http://localhost:${port}/`, { allowed: '127.0.0.0/8,::1' })).toBe(
      'DELIVERED',
    )
    const resolve = resolvingTo('127.0.0.1')
    const allowed = 'receiver.example'
    expect(await sendTo(`http://receiver.example:${port}/`, { allowed, resolve })).toBe('DELIVERED')
    expect(calls).toBe(before + 3)
  })

  it.each(['127.0.0.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', 'localhost'])(
    'is never made to %s, whoever has registered it',
    async (host) => {
      const before = calls
      for (const protocol of ['http', 'https']) {
        const outcome = await sendTo(`${protocol}://${host}:${port}/`)
        expect(outcome).toBe('ADDRESS_NOT_ALLOWED')
      }
      expect(calls).toBe(before)
    },
  )

  it('is not made to where a name has moved since it was registered', async () => {
    const answers = [['93.184.215.14'], ['127.0.0.1']]
    const resolve: Resolve = (host) => resolvingTo(...(answers.shift() ?? []))(host)
    const { faultsOf, agent } = destinationsOf({ resolve })
    const url = `https://receiver.example:${port}/`
    expect(await faultsOf(url)).toEqual([])
    const before = calls
    const attempt = await send({
      url,
      headers: {},
      body: '{}',
      agent,
      timeoutMs: 2_000,
      signal: new AbortController().signal,
    })
    expect(attempt).toMatchObject({ outcome: 'ADDRESS_NOT_ALLOWED', responseStatus: null })
    expect(calls).toBe(before)
    expect(answers).toEqual([])
    await agent.destroy()
  })

  it('over plain HTTP is made to no public address', async () => {
    const resolve = resolvingTo('93.184.215.14')
    expect(await sendTo('http://receiver.example/', { resolve })).toBe('ADDRESS_NOT_ALLOWED')
    expect(await sendTo('http://93.184.215.14/')).toBe('ADDRESS_NOT_ALLOWED')
  })

  it('fails for a name that is not there', async () => {
    expect(await sendTo('https://nowhere.invalid/')).toBe('NAME_NOT_RESOLVED')
  })
})
