import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** What a receiver was sent. */
export type Received = {
  id: string
  headers: IncomingMessage['headers']
  body: string
  // eslint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  event: any
  /** When it came, in milliseconds of the monotonic clock. */
  at: number
}

type Answer = (response: ServerResponse, received: Received) => void

/** Somebody's system that takes webhooks on this machine; it answers 204 unless told otherwise. */
export const startReceiver = async (
  answer: Answer = (response) => response.writeHead(204).end(),
) => {
  const received: Received[] = []
  let present = answer
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const each = {
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        body,
        event: JSON.parse(body),
        at: performance.now(),
      }
      received.push(each)
      present(response, each)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: (next: Answer) => {
      present = next
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The scheme's own library verifies a message; it throws when the signature is not good. */
export const verify = ({ body, headers }: Received, secret: string): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>)
