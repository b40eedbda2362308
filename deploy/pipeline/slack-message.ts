/** What the people of the port's channel are told of. */
export const kinds = {
  'tests-failed': { sign: ':red_circle:', says: 'Tests failed' },
  'build-failed': { sign: ':red_circle:', says: 'Build failed' },
  step: { sign: ':arrow_forward:', says: 'Release' },
  promoted: { sign: ':white_check_mark:', says: 'Promoted' },
  'rolled-back': { sign: ':rewind:', says: 'Rolled back' },
  'release-failed': { sign: ':rotating_light:', says: 'Release failed' },
  infrastructure: { sign: ':wrench:', says: 'Infrastructure changed' },
  rehearsal: { sign: ':test_tube:', says: 'Rehearsal' },
  drill: { sign: ':floppy_disk:', says: 'Restore drill' },
} as const

export type Kind = keyof typeof kinds

/** @throws when `name` is none of them */
export const kindNamed = (name: string): Kind => {
  if (Object.hasOwn(kinds, name)) return name as Kind
  throw new Error(`"${name}" is no kind of message: ${Object.keys(kinds).join(', ')}`)
}

export type News = {
  kind: Kind
  /** What it is about: a service, or a branch. */
  subject: string
  environment?: string | undefined
  version?: string | undefined
  /** One line or several; cut at 2,500 characters, since Slack takes 3,000 in a block. */
  detail?: string | undefined
  /** The run's page. */
  link?: string | undefined
}

/** In Slack's markup these three begin links, mentions and entities. */
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

const section = (markup: string) => ({
  type: 'section',
  text: { type: 'mrkdwn', text: markup },
})

/** A message of Slack's Block Kit; `text` is what notifications and screen readers have. */
export const slackMessage = ({ kind, subject, environment, version, detail, link }: News) => {
  const { sign, says } = kinds[kind]
  const what = [subject, version, environment && `in ${environment}`].filter(Boolean).join(' ')
  const text = escape(`${says}: ${what}`)
  return {
    text,
    blocks: [
      section(`${sign} *${text}*`),
      ...(detail ? [section(escape(cut(detail, 2_500)))] : []),
      ...(link ? [section(`<${encodeURI(link)}|${escape('the run')}>`)] : []),
    ],
  }
}
