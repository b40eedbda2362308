import type { Fault } from '@porttrack/shared/http/problem'
import type { Period } from './work-line.ts'

const dayMs = 86_400_000

/** The longest period that is assessed at once; days. */
const longestPeriod = 100

/** Which rules a period breaks that is asked for. */
export const periodFaults = ({ start, end }: Period): Fault[] => {
  if (end <= start) {
    const detail = { en: 'is not after the beginning', es: 'no es posterior al comienzo' }
    return [{ pointer: '?to', detail }]
  }
  if (end - start <= longestPeriod * dayMs) return []
  return [
    {
      pointer: '?to',
      detail: {
        en: `is more than ${longestPeriod} days after the beginning`,
        es: `está más de ${longestPeriod} días después del comienzo`,
      },
    },
  ]
}
