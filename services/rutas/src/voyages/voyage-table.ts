import type { CsvColumn } from '@porttrack/shared/http/csv'
import type { VoyageTimelineEntry } from './voyage.schema.ts'

/** The columns of a voyage's timeline as a table; times are in UTC. */
export const voyageTimelineColumns: CsvColumn<VoyageTimelineEntry>[] = [
  { name: 'time', value: ({ time }) => time },
  { name: 'kind', value: ({ kind }) => kind },
  { name: 'source', value: ({ source }) => source },
  { name: 'transportCallReference', value: (entry) => entry.transportCallReference },
  { name: 'UNLocationCode', value: (entry) => entry.UNLocationCode },
  { name: 'portCallId', value: ({ portCallId }) => portCallId },
  { name: 'arrival', value: ({ arrival }) => arrival },
  { name: 'nauticalMiles', value: ({ nauticalMiles }) => nauticalMiles },
  { name: 'reason', value: ({ reason }) => reason },
  { name: 'retracts', value: ({ retracts }) => retracts },
  { name: 'retracted', value: ({ retracted }) => retracted },
  { name: 'recordedBy', value: ({ recordedBy }) => recordedBy },
  { name: 'recordedAt', value: ({ recordedAt }) => recordedAt },
  { name: 'id', value: ({ id }) => id },
]
