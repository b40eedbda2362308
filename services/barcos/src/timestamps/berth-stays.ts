import type { Source } from '../reporter.ts'
import { endsOfOccurrences } from './occurrences.ts'

/** What tells the berth stays of a call apart: its actual timestamps of BERTH. */
type Berthing = {
  portCallServiceTypeCode: string
  portCallServiceEventTypeCode: string
  classifierCode: string
  /** RFC 3339. */
  serviceDateTime: string
  source?: Source
}

/**
 * When the berth stays of a call end that another one follows, in order, milliseconds since 1970: at
 * each berth departure that is directly followed by a berth arrival. Other timestamps than actual
 * ones of BERTH say nothing about it.
 */
export const endsOfStays = (timestamps: readonly Berthing[]): number[] =>
  endsOfOccurrences(
    timestamps
      .filter((each) => each.portCallServiceTypeCode === 'BERTH' && each.classifierCode === 'ACT')
      .map(({ serviceDateTime, portCallServiceEventTypeCode: event, source }) => ({
        time: Date.parse(serviceDateTime),
        ends: event === 'DEPA',
        ...(source === undefined ? {} : { source }),
      })),
  )
