import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A message as Slack's incoming webhook takes it from Alertmanager. */
export type SlackMessage = {
  channel: string
  attachments: { title: string; text: string; color: string }[]
}

/** Stands where Slack's incoming webhook is, and where the bot takes alerts; keeps what it is told. */
export const startReceivers = async () => {
  const messages: SlackMessage[] = []
  const toBot: { authorization: string | undefined; body: { status: string } }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const parsed = JSON.parse(body)
      if (request.url === '/slack') messages.push(parsed)
      else toBot.push({ authorization: request.headers.authorization, body: parsed })
      response.writeHead(200).end('ok')
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages: (): readonly SlackMessage[] => messages,
    toBot: () => toBot,
    /** Titles so far: `page: PortTrackDown · carga · p`, or `resolved: …`. */
    titles: () => messages.map(({ attachments }) => attachments[0]?.title ?? ''),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
