import type { CsvColumn } from '@porttrack/shared/http/csv'
import { timeAt } from '@porttrack/shared/time/local-time'
import type { TimelineEntry } from './timeline.schema.ts'

/**
 * The columns of a timeline as a table. Times are in UTC, and as the port's own clock shows them.
 *
 * @param timeZone IANA zone of the port
 */
export const timelineColumns = (timeZone: string): CsvColumn<TimelineEntry>[] => [
  { name: 'time', value: ({ time }) => time },
  { name: 'localTime', value: ({ time }) => timeAt(timeZone, new Date(time)) },
  { name: 'kind', value: ({ kind }) => kind },
  { name: 'source', value: ({ source }) => source },
  { name: 'effective', value: ({ effective }) => effective },
  {
    name: 'portCallServiceTypeCode',
    value: ({ timestamp }) => timestamp?.portCallServiceTypeCode,
  },
  {
    name: 'portCallServiceEventTypeCode',
    value: ({ timestamp }) => timestamp?.portCallServiceEventTypeCode,
  },
  { name: 'portCallPhaseTypeCode', value: ({ timestamp }) => timestamp?.portCallPhaseTypeCode },
  { name: 'classifierCode', value: ({ timestamp }) => timestamp?.classifierCode },
  { name: 'UNLocationCode', value: ({ timestamp }) => timestamp?.serviceLocation.UNLocationCode },
  { name: 'facilityCode', value: ({ timestamp }) => timestamp?.serviceLocation.facilityCode },
  { name: 'locationName', value: ({ timestamp }) => timestamp?.serviceLocation.locationName },
  { name: 'remark', value: ({ timestamp }) => timestamp?.remark },
  { name: 'about', value: ({ decision }) => decision?.about },
  { name: 'action', value: ({ decision }) => decision?.action },
  { name: 'from', value: ({ decision }) => decision?.from },
  { name: 'to', value: ({ decision }) => decision?.to },
  { name: 'reason', value: ({ decision }) => decision?.reason },
  {
    name: 'by',
    value: ({ decision, timestamp }) => decision?.decidedBy ?? timestamp?.recordedBy,
  },
  { name: 'recordedAt', value: ({ recordedAt }) => recordedAt },
  { name: 'id', value: ({ id }) => id },
]
