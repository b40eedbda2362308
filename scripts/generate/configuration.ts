import type { AnyService } from '@porttrack/shared/service/define-service'
import { kitEnv } from '@porttrack/shared/service/env'
import { page, table } from './markdown.ts'

type Variable = {
  default?: string | number | boolean
  description?: string
  secret?: boolean
  /** TypeBox's mark of what may be left out. */
  '~optional'?: true
}

/** `docs/configuration.md`: every environment variable of every process. */
export const configurationPage = (
  processes: readonly AnyService[],
  { chatops }: { chatops: object },
): string =>
  page('Configuration', 'the `env` tables', [
    'Every process reads its environment once, at the start. A variable without a default must be set; a wrong or missing one ends the process with exit code 1 and a line for each fault. An empty variable counts as absent.',
    'A secret has no default. It is given by its variable or by a file of its name in `SECRETS_DIR`, which is watched; [secrets.md](secrets.md) says how each is rotated.',
    '## Every process',
    variables(kitEnv),
    ...processes.flatMap(({ name, env }) =>
      Object.keys(env as object).length === 0 ? [] : [`## ${name}`, variables(env as object)],
    ),
    '## chatops',
    '[The bot](chatops.md) has no others than these.',
    variables(chatops),
  ])

const variables = (env: object): string =>
  table(
    ['variable', 'default', 'meaning'],
    Object.entries(env as Record<string, Variable>).map(([name, variable]) => [
      `\`${name}\``,
      defaultOf(variable),
      variable.description ?? '',
    ]),
  )

const defaultOf = (variable: Variable): string => {
  if (variable.secret) return variable['~optional'] ? 'secret' : '**required** secret'
  if (variable.default === undefined) return '**required**'
  return variable.default === '' ? 'none' : `\`${String(variable.default)}\``
}
