import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { sources } from '../reporter.ts'
import type { Timestamp } from '../timestamps/timestamp.schema.ts'
import { told } from '../text.ts'

const timelineKinds = [
  'DECISION',
  'CLEARANCE',
  'SERVICE_ORDER',
  'RESERVATION',
  'ATTACHMENT',
  'CARGO',
  'CREW',
  'TIMESTAMP',
] as const

export const TimelineEntry = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    kind: Type.Enum([...timelineKinds], {
      description:
        'A decision about the call, a clearance, an order, a reservation or whose a timestamp is; what carga tells of a list or personal of a crew; or a timestamp',
    }),
    time: Type.String({
      format: 'date-time',
      description:
        'When what was decided happened, else when it was decided; or the time that the timestamp gives',
    }),
    recordedAt: Type.String({ format: 'date-time' }),
    source: Type.Enum([...sources]),
    decision: nullable(
      Type.Object({
        action: Type.String({
          ...told.code,
          description: 'announce, approve, grant, request, reserve, attach, complete, confirm…',
        }),
        about: nullable(
          Type.String({
            description:
              'An authority, a service and its provider, a berth, a list or a kind of work and its provider; null for the call itself',
          }),
        ),
        aboutId: nullable(
          Type.String({
            format: 'uuid',
            description: 'Of the order, reservation, timestamp or shift',
          }),
        ),
        from: nullable(
          Type.String({ ...told.code, description: 'State before, of what it is about' }),
        ),
        to: nullable(Type.String({ ...told.code, description: 'State after' })),
        reason: nullable(told.reason),
        decidedBy: Subject,
        changes: nullable(
          Type.Record(Type.String(), Type.Object({ from: Type.Unknown(), to: Type.Unknown() }), {
            description: 'What an amendment or a move changed, by property',
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
