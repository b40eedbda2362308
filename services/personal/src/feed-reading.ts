import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { type TSchema, Type } from 'typebox'
import type { metrics } from './metrics.ts'

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

export const Location = Type.String({ pattern: unLocationCodePattern })

/** What the handlers of another service's events are made with. */
export type FeedReading = { metrics: Metrics<typeof metrics>; log: Logger }
