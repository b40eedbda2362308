import type { Journey, JourneyRules } from './journey.ts'
import { scheduledStart, voyageLifecycle } from './voyage.ts'

const second = 1_000
const day = 24 * 60 * 60 * second

/** Days before its planned beginning from which the ship of a voyage is looked at. */
export const looksAheadDays = 2

export const journeyRules = (config: { VOYAGE_LATE_MINUTES: number }): JourneyRules => ({
  lateMinutes: config.VOYAGE_LATE_MINUTES,
})

/** When a voyage whose schedule begins then is first looked at, in milliseconds since 1970. */
export const firstLook = (start: number): number => start - looksAheadDays * day

/**
 * When the ship of a voyage is looked at next: after VOYAGE_LOOK_SECONDS, and not before `firstLook`;
 * never once it has ended.
 */
export const nextLook =
  (config: { VOYAGE_LOOK_SECONDS: number }) =>
  ({ state, calls }: Journey): Date | null => {
    if (voyageLifecycle.hasEnded(state)) return null
    const soon = Date.now() + config.VOYAGE_LOOK_SECONDS * second
    return new Date(state === 'PLANNED' ? Math.max(soon, firstLook(scheduledStart(calls))) : soon)
  }
