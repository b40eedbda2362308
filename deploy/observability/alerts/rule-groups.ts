import type { Pace, RuleGroup } from './alert.ts'
import { objectiveRules } from './burn-rate.ts'
import { eventRules } from './event-alerts.ts'
import { objectives } from './objectives.ts'
import { portRules, watchdogRules } from './port-alerts.ts'
import { processRules } from './process-alerts.ts'

/** Every rule, at the pace of an installation unless told otherwise. */
export const ruleGroups = (pace: Pace = 1): readonly RuleGroup[] => [
  ...objectives.map((objective) => objectiveRules(objective, pace)),
  processRules(pace),
  eventRules(pace),
  portRules(pace),
  watchdogRules(),
]

/** The name of each alert, once. */
export const alertNames: readonly string[] = [
  ...new Set(ruleGroups().flatMap(({ alerts }) => alerts.map(({ name }) => name))),
].toSorted()
