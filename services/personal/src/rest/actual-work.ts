import type { Work } from './rest-rules.ts'
import type { Period } from './work-line.ts'

/** A record of work that nobody has ended counts for so long at most, in milliseconds. */
const longestOpen = 24 * 3_600_000

/** A shift that someone is assigned to; `closed` once its work is done. */
export type AssignedWork = Work & { shiftId: string; closed: boolean }

/** What someone has worked; `end` is null while the work goes on. */
export type RecordedWork = {
  shiftId: string | null
  start: number
  end: number | null
  emergency: boolean
}

/**
 * What the rest rules are judged over: recorded hours in place of the planned ones of their shift, of
 * which only what lies ahead still counts, until the shift is closed. A shift without a record counts as
 * planned.
 *
 * @param now milliseconds since the epoch
 */
export const workOf = (
  { assigned, recorded }: { assigned: readonly AssignedWork[]; recorded: readonly RecordedWork[] },
  now: number,
): Work[] => {
  const shiftsRecorded = new Set(recorded.map(({ shiftId }) => shiftId))
  const planned = assigned.flatMap(({ shiftId, closed, start, end, emergency }): Work[] => {
    if (!shiftsRecorded.has(shiftId)) return [{ start, end, emergency }]
    const ahead = { start: Math.max(start, now), end, emergency }
    return closed || isEmpty(ahead) ? [] : [ahead]
  })
  const actual = recorded.map(({ start, end, emergency }) => ({
    start,
    end: end ?? Math.min(now, start + longestOpen),
    emergency,
  }))
  return [...planned, ...actual.filter((each) => !isEmpty(each))]
}

const isEmpty = ({ start, end }: Period): boolean => end <= start
