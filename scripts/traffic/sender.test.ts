import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { SceneSentence } from './scene.ts'
import { startSender } from './sender.ts'

function sentence(number: number): SceneSentence {
  const time = new Date(1_800_000_000_000 + number * 1_000).toISOString()
  return { time, sentence: `!AIVDM,${number}`, source: 'test' }
}

interface Received {
  readonly token: string | undefined
  readonly lines: SceneSentence[]
}

/** A gateway that answers what it is told, then 200. */
async function startGateway(answers: number[]) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const lines = Buffer.concat(chunks).toString().trimEnd().split('\n')
      received.push({
        token: request.headers.authorization,
        lines: lines.map((line) => JSON.parse(line) as SceneSentence),
      })
      response.writeHead(answers.shift() ?? 200).end('{}')
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('sends again what was not acknowledged, once and in order', async () => {
  using gateway = await startGateway([503, 502])
  const troubles: string[] = []
  const sender = startSender({
    url: gateway.url,
    token: async () => await Promise.resolve('valid'),
    onTrouble: (text) => troubles.push(text),
  })
  sender.add([sentence(1), sentence(2)])
  await expect.poll(() => gateway.received.length).toBe(3)
  await expect.poll(() => sender.waiting).toBe(0)
  sender.add([sentence(3)])
  await expect.poll(() => gateway.received.length).toBe(4)
  await sender.stop()
  expect(gateway.received[2]?.lines).toEqual([sentence(1), sentence(2)])
  expect(gateway.received[3]?.lines).toEqual([sentence(3)])
  expect(troubles).toEqual(['POST /rutas/v1/ais answers 503 {}', 'delivered again'])
})

test('renews a token that is refused', async () => {
  using gateway = await startGateway([401])
  const sender = startSender({
    url: gateway.url,
    token: async (renew) => await Promise.resolve(renew ? 'new' : 'old'),
    onTrouble: () => undefined,
  })
  sender.add([sentence(1)])
  await expect.poll(() => sender.waiting).toBe(0)
  await sender.stop()
  expect(gateway.received.map(({ token }) => token)).toEqual(['Bearer old', 'Bearer new'])
})

test('gives up a batch that is refused for what it is', async () => {
  using gateway = await startGateway([400])
  const sender = startSender({
    url: gateway.url,
    token: async () => await Promise.resolve('valid'),
    onTrouble: () => undefined,
  })
  sender.add([sentence(1)])
  await expect.poll(() => sender.waiting).toBe(0)
  sender.add([sentence(2)])
  await expect.poll(() => gateway.received.length).toBe(2)
  await sender.stop()
  expect(gateway.received[1]?.lines).toEqual([sentence(2)])
})

test('stops at once with a gateway that does not answer', async () => {
  const sender = startSender({
    url: 'http://127.0.0.1:1',
    token: async () => await Promise.resolve('valid'),
    onTrouble: () => undefined,
  })
  sender.add([sentence(1)])
  await sender.stop()
  expect(sender.waiting).toBe(1)
})
