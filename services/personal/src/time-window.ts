import type { Fault } from '@porttrack/shared/http/problem'
import type { TimeWindow } from '@porttrack/shared/time/local-time'

/** The longest window that is taken at a time. */
type Longest = { milliseconds: number; en: string; es: string }

const hourMs = 3_600_000

export const hours = (count: number): Longest => ({
  milliseconds: count * hourMs,
  en: `${count} hours`,
  es: `${count} horas`,
})

export const days = (count: number): Longest => ({
  milliseconds: count * 24 * hourMs,
  en: `${count} days`,
  es: `${count} días`,
})

/**
 * What is wrong with a window, which ends after it begins, and no longer after than `longest`.
 *
 * @param pointer where its end is given
 */
export const windowFaults = (
  { from, to }: TimeWindow,
  { longest, pointer }: { longest: Longest; pointer: string },
): Fault[] => {
  if (to <= from) {
    const detail = { en: 'is not after the beginning', es: 'no es posterior al comienzo' }
    return [{ pointer, detail }]
  }
  if (to.getTime() - from.getTime() <= longest.milliseconds) return []
  const { en, es } = longest
  return [
    {
      pointer,
      detail: {
        en: `is more than ${en} after the beginning`,
        es: `está más de ${es} después del comienzo`,
      },
    },
  ]
}
