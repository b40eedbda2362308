import { type News, slackMessage } from './slack-message.ts'

/** Milliseconds for one attempt. */
const patience = 10_000

/**
 * Posts to the incoming webhook of `SLACK_WEBHOOK_URL`, up to three times. What cannot be told is
 * printed and no error: a release does not fail because Slack is away, and a fork has no webhook.
 */
export const postToSlack = async (news: News): Promise<void> => {
  const message = slackMessage(news)
  const url = process.env['SLACK_WEBHOOK_URL']
  process.stdout.write(`${message.text}\n`)
  if (!url) return
  let why = ''
  for (let attempt = 0; attempt < 3; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 1_000 * attempt))
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(patience),
      })
      if (response.ok) return
      why = `${response.status} ${(await response.text()).slice(0, 200)}`
      // What Slack refuses stays refused, unless there was too much of it.
      if (response.status < 500 && response.status !== 429) break
    } catch (error) {
      why = error instanceof Error ? error.message : String(error)
    }
  }
  // The address is a secret: it is not named.
  process.stdout.write(
    `::warning title=Slack was not told::${why.replaceAll(url, 'the webhook')}\n`,
  )
}
