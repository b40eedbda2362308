import { postToSlack } from './post-to-slack.ts'
import { kindNamed } from './slack-message.ts'
import { variable } from './variables.ts'

/** Tells Slack what `KIND`, `SUBJECT`, `ENVIRONMENT`, `VERSION`, `DETAIL` and `LINK` say. */
await postToSlack({
  kind: kindNamed(variable('KIND')),
  subject: variable('SUBJECT'),
  environment: process.env['ENVIRONMENT'],
  version: process.env['VERSION'],
  detail: process.env['DETAIL'],
  link: process.env['LINK'],
})
