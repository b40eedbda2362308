import { type AnyService, resourcesOf } from '@porttrack/shared/service/define-service'
import type { Conditions, Lifecycle } from '@porttrack/shared/states/lifecycle'
import { page, table } from './markdown.ts'

/** `docs/states.md`: the states of every resource, what leads from one to another, and on which conditions. */
export const statesPage = (services: readonly AnyService[]): string =>
  page('States', 'the lifecycle tables', [
    'A resource changes its state only by these actions. One that the present state does not allow is answered 409; one whose conditions are not met is refused with each of them named by its code in `errors`.',
    ...services.flatMap((service) => {
      const resources = resourcesOf(service)
      const states = [
        ...resources.flatMap(({ lifecycles = [] }) => lifecycles.flatMap(lifecycle)),
        ...conditionsOf(resources.flatMap(({ conditions = [] }) => conditions)),
      ]
      return states.length === 0 ? [] : [`## ${service.name}`, ...states]
    }),
  ])

const lifecycle = ({ of, states, actions }: Lifecycle): string[] => {
  const [start = ''] = Object.keys(states)
  const arrows = Object.entries(actions).flatMap(([action, { from, to }]) =>
    from.map((state) => `  ${state} --> ${to}: ${action}`),
  )
  return [
    `### ${of.charAt(0).toUpperCase()}${of.slice(1)}`,
    ['```mermaid', 'stateDiagram-v2', `  [*] --> ${start}`, ...arrows, '```'].join('\n'),
    table(
      ['state', 'meaning'],
      Object.entries(states).map(([state, meaning]) => [`\`${state}\``, meaning]),
    ),
    table(
      ['action', 'from', 'to', 'meaning', 'conditions'],
      Object.entries(actions).map(([action, { from, to, meaning, conditions = [] }]) => [
        `\`${action}\``,
        codes(from),
        `\`${to}\``,
        meaning,
        codes(conditions),
      ]),
    ),
  ]
}

const conditionsOf = (tables: readonly Conditions[]): string[] =>
  tables.length === 0
    ? []
    : [
        '### Conditions',
        table(
          ['code', 'what must hold'],
          tables.flatMap((each) =>
            Object.entries(each).map(([code, meaning]) => [`\`${code}\``, meaning]),
          ),
        ),
      ]

const codes = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
