import type { Logger } from '@porttrack/shared/logging/logger'
import { Robot } from 'hubot'
import { SlackBot } from '@hubot-friends/hubot-slack/src/Bot.mjs'
import type { Conversation } from './conversation.ts'

/** Slack's two halves: a socket on which events come, and the web API by which it is answered. */
export type SlackClients = {
  socket: object
  web: { chat: { postMessage: (message: object) => Promise<unknown> } }
}

type BotOptions = {
  tokens: { app: string; bot: string }
  /** Other clients than the real ones. */
  clients?: SlackClients
  conversation: Conversation
  log: Logger
}

type SlackResponse = {
  match: RegExpExecArray
  message: {
    user: { id: string }
    rawMessage?: { bot_id?: string; subtype?: string; text?: string }
    room?: string
  }
  envelope: { room: string }
  send: (text: string) => Promise<unknown>
}

/** Slack's own clients write to a console unless they are given this: Slack's logger, over `log`. */
const slackLogger = (log: Logger) => {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]): void =>
      log[level](parts.map(String).join(' '))
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    getLevel: () => 'info',
    setLevel: () => undefined,
    setName: () => undefined,
  }
}

/** Hubot for Slack. What is said to it goes to `conversation`; it says nothing by itself. */
export const createBot = ({ tokens, clients, conversation, log }: BotOptions) => {
  const robot = new Robot(null, false, 'hubot')
  robot.logger = log
  const adapter = new SlackBot(robot, {
    appToken: tokens.app,
    botToken: tokens.bot,
    // Who may do what goes by user id: names and addresses of people are none of its business.
    disableUserSync: true,
    socketModeOptions: { logger: slackLogger(log) },
    ...clients,
  })
  robot.adapter = adapter
  robot.adapterName = 'Slack'
  robot.respond(/(.+)/i, async (response: SlackResponse) => {
    const { bot_id: bot, subtype } = response.message.rawMessage ?? {}
    // Other bots, edits of what was said and the like are nobody's command.
    if (bot !== undefined || subtype !== undefined) return
    await conversation.answer({
      user: response.message.user.id,
      room: response.envelope.room,
      line: response.match[1] ?? '',
      say: async (text) => {
        await response.send(text)
      },
    })
  })
  return {
    /**
     * Connects to Slack, for as long as that takes.
     *
     * @throws when Slack refuses the tokens, or has not answered a hundred attempts
     */
    connect: (): Promise<void> => robot.run(),
    /** Says something in a room. */
    say: async (room: string, text: string): Promise<void> => {
      await adapter.send({ room }, text)
    },
    close: (): void => robot.shutdown(),
  }
}
