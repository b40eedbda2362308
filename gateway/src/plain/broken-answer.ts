/** What a service sent is not an answer as HTTP/1.1 has them, or it ended too early. */
export class BrokenAnswerError extends Error {
  readonly code = 'ERR_BROKEN_ANSWER'

  constructor(fault: string) {
    super(`the service's answer ${fault}`)
    this.name = 'BrokenAnswerError'
  }
}
