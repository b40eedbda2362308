import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '../places/un-location-code.ts'
import { portCallPurposes, portCallStates } from './port-call.ts'

const UNLocationCode = (description: string) =>
  Type.String({ pattern: unLocationCodePattern, description, examples: ['ESALG'] })
const Instant = (description: string) => Type.String({ format: 'date-time', description })
const Draft = (description: string) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 50, description: `${description}, metres` })
const Organization = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'Code of the agent’s organisation',
  examples: ['acme'],
})
const Purposes = Type.Array(Type.Enum([...portCallPurposes]), {
  minItems: 1,
  maxItems: portCallPurposes.length,
  uniqueItems: true,
  description: 'Why the ship calls (UN/EDIFACT 8025)',
})

/** What an agent declares of a call, and may declare anew when it was rejected. */
const declared = {
  previousPort: UNLocationCode('Port the ship comes from, UN/LOCODE'),
  nextPort: UNLocationCode('Port the ship goes to, UN/LOCODE'),
  eta: Instant('Declared time of arrival'),
  etd: Instant('Declared time of departure'),
  declaredArrivalDraft: Draft('Deepest draft on arrival'),
  declaredDepartureDraft: Draft('Deepest draft on departure'),
}

const optionallyDeclared = {
  previousPort: Type.Optional(declared.previousPort),
  nextPort: Type.Optional(declared.nextPort),
  eta: Type.Optional(declared.eta),
  etd: Type.Optional(declared.etd),
  declaredArrivalDraft: Type.Optional(declared.declaredArrivalDraft),
  declaredDepartureDraft: Type.Optional(declared.declaredDepartureDraft),
}

export const Announcement = Type.Object(
  {
    vesselId: Type.String({ format: 'uuid' }),
    agentOrganization: Type.Optional(Organization),
    UNLocationCode: UNLocationCode('Port that is called at, UN/LOCODE'),
    purposes: Purposes,
    ...optionallyDeclared,
  },
  { additionalProperties: false },
)
export type Announcement = Static<typeof Announcement>

const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: String.raw`\S`,
  description: 'Why; kept with the decision',
})

export const Rejection = Type.Object({ reason: Reason }, { additionalProperties: false })

/** The body of a decision may be left out. */
export const Decision = Type.Union([
  Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false }),
  Type.Null(),
])

/** What is declared anew; the rest stays as it was. */
export const Resubmission = Type.Union([
  Type.Object(
    {
      reason: Type.Optional(Reason),
      purposes: Type.Optional(Purposes),
      ...optionallyDeclared,
    },
    { additionalProperties: false },
  ),
  Type.Null(),
])
export type Redeclared = Omit<NonNullable<Static<typeof Resubmission>>, 'reason'>

export const PortCall = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    vesselId: Type.String({ format: 'uuid' }),
    agentOrganization: Type.String(),
    UNLocationCode: Type.String(),
    purposes: Type.Array(Type.Enum([...portCallPurposes])),
    previousPort: nullable(declared.previousPort),
    nextPort: nullable(declared.nextPort),
    eta: nullable(declared.eta),
    etd: nullable(declared.etd),
    declaredArrivalDraft: nullable(declared.declaredArrivalDraft),
    declaredDepartureDraft: nullable(declared.declaredDepartureDraft),
    state: Type.Enum([...portCallStates]),
    version: Type.Integer({ minimum: 1 }),
    announcedAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'PortCall' },
)
export type PortCall = Static<typeof PortCall>

export const PortCallQuery = Type.Object(
  {
    ...pageQuery,
    vesselId: Type.Optional(Type.String({ format: 'uuid' })),
    UNLocationCode: Type.Optional(UNLocationCode('Exactly this port')),
    state: Type.Optional(Type.Enum([...portCallStates])),
    from: Type.Optional(Instant('Least eta')),
    to: Type.Optional(Instant('Eta before this')),
    sort: sortQuery(['eta', 'announcedAt'], 'eta'),
  },
  { additionalProperties: false },
)
export type PortCallQuery = Static<typeof PortCallQuery>
