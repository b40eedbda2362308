import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../src/testing/fault-proxy.ts'
import { startTestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { registerTracing } from '../src/tracing/register.ts'
import { notes } from './notes/notes.ts'

let collector: FaultProxy
beforeAll(async () => {
  collector = await startFaultProxy()
})
afterAll(() => collector[Symbol.asyncDispose]())

it('a collector that hangs costs spans and no request', async () => {
  collector.suffer('black hole')
  registerTracing({ service: 'notes', version: 'test', sampleRatio: 1, endpoint: collector.url })
  await using service = await startTestService(notes, {
    issuer: new TokenIssuer(['gateway', 'notes']),
  })
  // As many spans as make a batch are sent at once, others after some seconds.
  const ask = async () => (await service.request('GET', '/v1/notes')).status
  await expect
    .poll(
      async () => {
        const statuses = await Promise.all(Array.from({ length: 20 }, ask))
        expect(new Set(statuses)).toEqual(new Set([200]))
        return collector.made()
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0)
  expect(await ask()).toBe(200)
}, 60_000)
