import type { Eta } from './message.ts'

/** Longest stretch without a 29 February, around a century that is no leap year. */
const YEARS_TO_TRY = 8

/**
 * The declared arrival as a time: the nearest one to come, since AIS gives no year. Without a
 * minute the end of the hour is taken, without an hour the end of the day, so that what is due
 * today stays today. Null without month or day, or for a date that no calendar has.
 */
export function resolveEta(eta: Eta, referenceTime: Date): Date | null {
  const { month, day } = eta
  if (month === null || day === null) return null
  const hour = eta.hour ?? 23
  const minute = eta.hour === null ? 59 : (eta.minute ?? 59)
  const year = referenceTime.getUTCFullYear()
  for (let later = 0; later <= YEARS_TO_TRY; later++) {
    const time: Date = new Date(Date.UTC(year + later, month - 1, day, hour, minute))
    if (time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day) continue
    // To the minute, as the declaration is: one due this very minute has not gone by.
    if (time.getTime() > referenceTime.getTime() - 60_000) return time
  }
  return null
}
