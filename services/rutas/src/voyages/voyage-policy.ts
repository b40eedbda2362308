import type { Journey, JourneyRules } from './journey.ts'
import { voyageLifecycle } from './voyage.ts'

const second = 1_000
const day = 24 * 60 * 60 * second

/** How long before its planned beginning the ship of a voyage is looked at. */
const looksAhead = 2 * day

export const journeyRules = (config: { VOYAGE_LATE_MINUTES: number }): JourneyRules => ({
  lateMinutes: config.VOYAGE_LATE_MINUTES,
})

/**
 * When the ship of a voyage is looked at next: after VOYAGE_LOOK_SECONDS, and before it begins from two
 * days ahead; never once it has ended.
 */
export const nextLook =
  (config: { VOYAGE_LOOK_SECONDS: number }) =>
  ({ state, calls }: Journey): Date | null => {
    if (voyageLifecycle.hasEnded(state)) return null
    const soon = Date.now() + config.VOYAGE_LOOK_SECONDS * second
    const start = calls[0]?.plannedArrival ?? calls[0]?.plannedDeparture ?? 0
    return new Date(state === 'PLANNED' ? Math.max(soon, start - looksAhead) : soon)
  }
