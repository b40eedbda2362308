import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { portCallStates } from '../port-calls/port-call.ts'
import { sources } from '../reporter.ts'
import { contradictionCodes, toldSteps } from './call-history.ts'
import { told } from '../text.ts'

const Instant = Type.String({ format: 'date-time' })
const Step = Type.Object({
  action: Type.Enum([...toldSteps]),
  occurredAt: Instant,
  departedAt: nullable(
    Type.String({
      format: 'date-time',
      description: 'Of a shift, when the ship left the berth before',
    }),
  ),
  timestampId: Type.String({ format: 'uuid' }),
  source: Type.Enum([...sources]),
})

/** The body may be left out. */
export const RebuildRequest = Type.Union([
  Type.Object(
    {
      apply: Type.Optional(
        Type.Boolean({ description: 'Take the steps that were told and not taken' }),
      ),
      reason: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 500,
          pattern: String.raw`\S`,
          description: 'Why; kept with each decision',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  Type.Null(),
])
export type RebuildRequest = Static<typeof RebuildRequest>

export const Rebuild = Type.Object(
  {
    portCallId: Type.String({ format: 'uuid' }),
    recordedState: Type.Enum([...portCallStates], {
      description: 'The state of the call now, after what was applied',
    }),
    derivedState: Type.Enum([...portCallStates], {
      description: 'The state that the timestamps tell of, from an approved call',
    }),
    steps: Type.Array(Step, { description: 'What the call went through by its timestamps' }),
    stays: Type.Array(
      Type.Object({
        arrivedAt: nullable(Instant),
        departedAt: nullable(Instant),
        locationName: nullable(told.placeName),
        facilityCode: nullable(told.facility),
      }),
    ),
    contradictions: Type.Array(
      Type.Object({
        code: Type.Enum([...contradictionCodes]),
        action: nullable(Type.Enum([...toldSteps])),
        told: nullable(
          Type.String({
            ...told.code,
            description: 'What the timestamps tell: a time or, of the state, a state',
          }),
        ),
        recorded: nullable(
          Type.String({ ...told.sentence, description: 'What is recorded instead' }),
        ),
      }),
      { description: 'Where the record and the timestamps differ, after what was applied' },
    ),
    applied: Type.Array(Step, { description: 'The steps that were taken now' }),
    refused: nullable(
      Type.Object({
        step: Step,
        code: Type.String({
          ...told.code,
          description: 'Code of the error with which the step was refused',
        }),
        conditions: Type.Array(told.code, {
          description: 'Codes of the conditions that are not met',
        }),
        detail: told.sentence,
      }),
    ),
  },
  { $id: 'Rebuild' },
)
export type Rebuild = Static<typeof Rebuild>
