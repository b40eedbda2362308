import type { Text } from '@porttrack/shared/http/language'
import type { RestBreach, RestRule } from './rest-rules.ts'

/** What each rule asks for, as a planner reads it. */
const rules: Record<RestRule, Text> = {
  REST_IN_24_HOURS: {
    en: 'rest in any 24 hours',
    es: 'descanso en todo período de 24 horas',
  },
  REST_IN_7_DAYS: {
    en: 'rest in any 7 days',
    es: 'descanso en todo período de 7 días',
  },
  REST_IN_TWO_PARTS: {
    en: 'rest of 24 hours in at most two parts',
    es: 'descanso de 24 horas en dos partes como máximo',
  },
  REST_PART_OF_6_HOURS: {
    en: 'longest part of the rest of 24 hours',
    es: 'parte más larga del descanso de 24 horas',
  },
  WORK_BETWEEN_RESTS: {
    en: 'work between two rests',
    es: 'trabajo entre dos descansos',
  },
  DAILY_REST: {
    en: 'rest in a row in 24 hours',
    es: 'descanso seguido en 24 horas',
  },
  WEEKLY_REST: {
    en: 'rest in a row in 7 days',
    es: 'descanso seguido en 7 días',
  },
  WEEKLY_AVERAGE: {
    en: 'work a week on average',
    es: 'trabajo semanal de media',
  },
  NIGHT_AVERAGE: {
    en: 'work of a night on average',
    es: 'trabajo nocturno de media',
  },
}

/** What a rule asks for. */
export const ruleText = (rule: RestRule): Text => rules[rule]

/** A breach in a sentence, with its window in UTC. */
export const breachText = ({ rule, window, bound, limit, found }: RestBreach): Text => {
  const from = new Date(window.start).toISOString()
  const to = new Date(window.end).toISOString()
  const { en, es } = rules[rule]
  const least = bound === 'least'
  return {
    en: `${en}: ${hours(found)}, ${least ? 'at least' : 'at most'} ${hours(limit)} (${from} to ${to})`,
    es: `${es}: ${hours(found)}, ${least ? 'como mínimo' : 'como máximo'} ${hours(limit)} (de ${from} a ${to})`,
  }
}

const hours = (milliseconds: number): string => durationText(Math.round(milliseconds / 60_000))

/** Minutes as hours and minutes: `9 h 30 min`. */
export const durationText = (minutes: number): string => {
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}
