import { Subject } from '@porttrack/shared/auth/subject'
import { type Static, Type } from 'typebox'
import { Reason } from '../reason.schema.ts'
import { nullable } from '../nullable.ts'
import { cutOffCodes } from './cut-off.ts'
import { told } from '../told.ts'

const Time = (description: string) => nullable(Type.String({ format: 'date-time', description }))

/** Each cut-off of a port call, null for one that there is none of. */
export const CutOffTimes = Type.Object(
  {
    FCO: Time('Full container delivery: a laden export is in by then'),
    VCO: Time('Verified gross mass: it is declared by then'),
    DGC: Time('Dangerous goods: they are declared by then'),
  },
  { additionalProperties: false },
)
export type CutOffTimes = Static<typeof CutOffTimes>

export const CutOffs = Type.Object(
  {
    portCallId: Type.String({ format: 'uuid' }),
    ...CutOffTimes.properties,
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'CutOffs' },
)
export type CutOffs = Static<typeof CutOffs>

const Code = Type.Enum(cutOffCodes, { type: 'string', description: 'Which cut-off (DCSA)' })

export const NewCutOffOverride = Type.Object(
  { code: Code, reason: Reason },
  { additionalProperties: false },
)
export type NewCutOffOverride = Static<typeof NewCutOffOverride>

export const CutOffOverride = Type.Object(
  {
    containerVisitId: Type.String({ format: 'uuid' }),
    code: Code,
    reason: told.reason,
    recordedAt: Type.String({ format: 'date-time' }),
    recordedBy: Subject,
  },
  { $id: 'CutOffOverride' },
)
export type CutOffOverride = Static<typeof CutOffOverride>
