import { isCommit } from './affected.ts'
import { postToSlack } from './post-to-slack.ts'
import { runCommand } from './run-command.ts'
import { variable } from './variables.ts'

/** What is rolled out, watched and gated with. */
const infrastructure = ['deploy', '.github/workflows']

/**
 * Tells Slack which commits after `BASE` change the infrastructure; nothing when none does. Where Git
 * does not know `BASE` (a first push, a rewritten branch) the last commit counts.
 */
const base = variable('BASE')
const known = (await isCommit(base)) ? base : 'HEAD~1'
const commits = await runCommand(
  'git',
  'log',
  '--format=%h %an: %s',
  `${known}..HEAD`,
  '--',
  ...infrastructure,
)
if (commits !== '') {
  const files = await runCommand('git', 'diff', '--stat', known, 'HEAD', '--', ...infrastructure)
  await postToSlack({
    kind: 'infrastructure',
    subject: variable('GITHUB_REF_NAME'),
    detail: `${commits}\n\n${files}`,
    link: process.env['LINK'],
  })
}
