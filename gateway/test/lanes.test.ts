import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

/** A service that answers when it is told to. */

const held: ServerResponse[] = []
const seen: string[] = []
let service: TestServer
let gateway: TestGateway
beforeAll(async () => {
  service = await startServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    held.push(response)
    request.resume()
  })
  gateway = await startGateway({ barcos: service.url }, { env: { UPSTREAM_CONNECTIONS: '2' } })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

it('has as many requests under way as it may, whatever they are, and the others in turn', async () => {
  const methods = ['GET', 'POST', 'GET', 'HEAD', 'POST', 'GET', 'DELETE', 'GET']
  const asked = methods.map(async (method, index) => {
    await pause(index * 50)
    const body = method === 'POST' ? { body: '{}' } : {}
    return call(gateway, `/barcos/v1/${index}`, { method, ...body })
  })
  let answered = 0
  while (answered < methods.length) {
    await expect.poll(() => held.length).toBeGreaterThan(0)
    // Time for one more than there may be.
    await pause(50)
    expect(held.length).toBeLessThanOrEqual(2)
    held.shift()?.end()
    answered += 1
  }
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(methods.map(() => 200))
  expect(seen.toSorted()).toEqual(
    methods.map((method, index) => `${method} /v1/${index}`).toSorted(),
  )
})

it('does not send what was given up while it waited', async () => {
  seen.length = 0
  const first = [call(gateway, '/barcos/v1/a'), call(gateway, '/barcos/v1/b', { method: 'POST' })]
  await expect.poll(() => held.length).toBe(2)
  const headers = { 'x-request-deadline': String(Date.now() + 300) }
  expect(await call(gateway, '/barcos/v1/late', { headers })).toMatchObject({ status: 504 })
  const waiting = call(gateway, '/barcos/v1/c')
  for (const response of held.splice(0)) response.end()
  await expect.poll(() => held.length).toBe(1)
  for (const response of held.splice(0)) response.end()
  expect((await Promise.all([...first, waiting])).map(({ status }) => status)).toEqual([
    200, 200, 200,
  ])
  expect(seen.toSorted()).toEqual(['GET /v1/a', 'GET /v1/c', 'POST /v1/b'])
})
