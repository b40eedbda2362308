declare module 'hubot' {
  export class Robot {
    constructor(adapter: null, httpd: boolean, name: string)
    logger: object
    adapter: object
    adapterName: string
    respond(pattern: RegExp, answer: (response: never) => Promise<void>): void
    run(): Promise<void>
    shutdown(): void
  }
}

declare module '@hubot-friends/hubot-slack/src/Bot.mjs' {
  import type { Robot } from 'hubot'

  export class SlackBot {
    constructor(robot: Robot, options: object)
    send(envelope: { room: string }, text: string): Promise<unknown>
  }
}
