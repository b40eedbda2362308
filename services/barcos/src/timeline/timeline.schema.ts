import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { portCallStates } from '../port-calls/port-call.ts'
import { sources } from '../reporter.ts'
import type { Timestamp } from '../timestamps/timestamp.schema.ts'

export const TimelineEntry = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    kind: Type.Enum(['DECISION', 'TIMESTAMP']),
    time: Type.String({
      format: 'date-time',
      description:
        'When what was decided happened, else when it was decided; or the time that the timestamp gives',
    }),
    recordedAt: Type.String({ format: 'date-time' }),
    source: Type.Enum([...sources]),
    decision: nullable(
      Type.Object({
        action: Type.String({ description: 'announce, approve, reject, resubmit, cancel, omit…' }),
        from: nullable(Type.Enum([...portCallStates])),
        to: Type.Enum([...portCallStates]),
        reason: nullable(Type.String()),
        decidedBy: Type.String(),
        changes: nullable(
          Type.Record(Type.String(), Type.Object({ from: Type.Unknown(), to: Type.Unknown() }), {
            description: 'What an amendment changed, by property',
          }),
        ),
      }),
    ),
    timestamp: nullable(Type.Ref('Timestamp')),
    effective: nullable(
      Type.Boolean({
        description:
          'Whether this timestamp counts among those of its service, event type, phase and classifier; null for a decision',
      }),
    ),
  },
  { $id: 'TimelineEntry' },
)
export type TimelineEntry = Omit<Static<typeof TimelineEntry>, 'timestamp'> & {
  timestamp: Timestamp | null
}

export const TimelineQuery = Type.Object({ ...pageQuery }, { additionalProperties: false })
export type TimelineQuery = Static<typeof TimelineQuery>
