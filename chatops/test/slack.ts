import { EventEmitter } from 'eventemitter3'
import type { SlackClients } from '../src/bot.ts'

/** Slack's two clients, without Slack: what people say goes in, what the bot says comes out. */
export const createSlack = () => {
  const said: { channel: string; text: string }[] = []
  const socket = Object.assign(new EventEmitter(), {
    start: async () => {
      socket.emit('authenticated')
    },
    disconnect: () => undefined,
  })
  const web = {
    auth: { test: async () => ({ ok: true, user: 'hubot', user_id: 'UBOT', team: 'port' }) },
    users: { info: async ({ user }: { user: string }) => ({ user: { id: user, name: user } }) },
    conversations: {
      info: async ({ channel }: { channel: string }) => ({ channel: { id: channel } }),
    },
    chat: {
      postMessage: async (message: object) => {
        said.push(message as { channel: string; text: string })
      },
    },
  }
  const hears = (event: { user: string; channel: string; text: string; bot_id?: string }) => {
    const whole = { type: 'message', channel_type: 'channel', ts: '1', ...event }
    socket.emit('message', { ack: async () => undefined, event: whole, body: { event: whole } })
  }
  return {
    clients: { socket, web } satisfies SlackClients,
    said,
    /** Somebody writes to the bot. */
    write: (user: string, line: string, room = 'C0PORT') =>
      hears({ user, channel: room, text: `<@UBOT> ${line}` }),
    hears,
  }
}

export type Slack = ReturnType<typeof createSlack>
