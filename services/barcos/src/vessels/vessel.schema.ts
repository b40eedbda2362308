import { Subject } from '@porttrack/shared/auth/subject'
import type { Language, Text } from '@porttrack/shared/http/language'
import { faultIn } from '@porttrack/shared/http/problem'
import { mostLines } from '@porttrack/shared/http/csv'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { reason, told, visibleText } from '../text.ts'
import { recordedProperties } from './vessel-record.ts'
import { vesselStates, vesselTypes } from './vessel.ts'

const VesselType = Type.Enum(Object.keys(vesselTypes) as (keyof typeof vesselTypes)[], {
  description: `DCSA vesselTypeCode: ${Object.entries(vesselTypes)
    .map(([code, meaning]) => `${code} ${meaning}`)
    .join(', ')}`,
})

const metres = (what: string, maximum: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum, description: `${what}, metres` })

/** What a caller may say of a ship besides its identity. */
const particulars = {
  type: VesselType,
  lengthOverall: metres('Length overall', 500),
  beam: metres('Breadth', 150),
  maximumDraft: metres('Deepest draft', 50),
  airDraft: metres('Height of the highest point above the water', 200),
  grossTonnage: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    description: 'Gross tonnage, without a unit',
  }),
  deadweight: Type.Number({ minimum: 0, maximum: 1_000_000, description: 'Deadweight, tonnes' }),
  capacityTEU: Type.Integer({
    minimum: 0,
    maximum: 100_000,
    description: 'Containers it can carry, 20-foot units',
  }),
}

const name = Type.String({
  minLength: 1,
  maxLength: 50,
  pattern: visibleText,
  description: 'Name as painted',
})

const given = {
  vesselIMONumber: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 30,
      description: 'IMO ship number (IMO Res. A.1117(30)), with or without IMO before it',
      examples: ['9074729', 'IMO 9074729'],
    }),
  ),
  MMSINumber: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 20,
      description: 'MMSI of a ship: 9 digits that begin with a known MID (ITU-R M.585-9)',
      examples: ['224000001'],
    }),
  ),
  callSign: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 20,
      pattern: visibleText,
      description: 'Call sign, at most 10 characters beside blanks',
    }),
  ),
  name,
  flag: Type.Optional(
    Type.String({ pattern: '^[A-Z]{2}$', description: 'Flag state, ISO 3166-1 alpha-2' }),
  ),
  type: Type.Optional(particulars.type),
  lengthOverall: Type.Optional(particulars.lengthOverall),
  beam: Type.Optional(particulars.beam),
  maximumDraft: Type.Optional(particulars.maximumDraft),
  airDraft: Type.Optional(particulars.airDraft),
  grossTonnage: Type.Optional(particulars.grossTonnage),
  deadweight: Type.Optional(particulars.deadweight),
  capacityTEU: Type.Optional(particulars.capacityTEU),
}

const Reason = reason('Why; kept in the history')

export const NewVessel = Type.Object(
  {
    ...given,
    state: Type.Optional(
      Type.Enum(['ACTIVE', 'LAID_UP', 'DETAINED'], { description: 'ACTIVE unless given' }),
    ),
    stateReason: Type.Optional(
      reason('Why it is in this state; needed with DETAINED, and kept in the history'),
    ),
  },
  { additionalProperties: false },
)
export type NewVessel = Static<typeof NewVessel>

/** Replaces a vessel: what is left out becomes unknown, but for the IMO number. */
export const VesselChange = Type.Object(given, { additionalProperties: false })
export type VesselChange = Static<typeof VesselChange>

/** What a change of state says. */
export const StateChange = Type.Union([
  Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false }),
  Type.Null(),
])
export const ReasonedStateChange = Type.Object({ reason: Reason }, { additionalProperties: false })

/** How many vessels a table has registered. */
export const Imported = Type.Object({
  imported: Type.Integer({ minimum: 1, description: 'Vessels that were registered' }),
  vesselIds: Type.Array(Type.String({ format: 'uuid' }), {
    maxItems: mostLines,
    description: 'Their ids, in the order of the lines',
  }),
  warnings: Type.Array(
    Type.Object({
      pointer: told.pointer,
      row: Type.Integer({ minimum: 2 }),
      column: Type.Optional(told.column),
      detail: told.sentence,
    }),
    { maxItems: 100, description: 'What is unusual without being wrong: the first hundred' },
  ),
})
export type Imported = Static<typeof Imported>

export const VesselRecord = Type.Object(
  {
    property: Type.Enum([...recordedProperties]),
    value: told.sentence,
    validFrom: Type.String({ format: 'date-time', description: 'When the port came to know it' }),
    validTo: nullable(
      Type.String({ format: 'date-time', description: 'Null for what holds at present' }),
    ),
    reason: nullable(Type.String({ ...told.reason, description: 'Why the state is what it is' })),
    source: Type.Enum(['SYSTEM', 'PERSON']),
    recordedBy: Type.String({ ...Subject, description: 'User or machine' }),
    endedBy: nullable(Type.String({ ...Subject, description: 'Who gave what came after it' })),
  },
  { $id: 'VesselRecord' },
)
export type VesselRecord = Static<typeof VesselRecord>

export const VesselRecordQuery = Type.Object(
  { ...pageQuery, property: Type.Optional(Type.Enum([...recordedProperties])) },
  { additionalProperties: false },
)
export type VesselRecordQuery = Static<typeof VesselRecordQuery>

export const Vessel = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    vesselIMONumber: nullable(Type.String({ ...told.shipNumber, description: '7 digits' })),
    MMSINumber: nullable(Type.String({ ...told.shipNumber, description: '9 digits' })),
    callSign: nullable(told.shipNumber),
    name: told.vesselName,
    flag: nullable(told.flag),
    type: nullable(particulars.type),
    lengthOverall: nullable(particulars.lengthOverall),
    beam: nullable(particulars.beam),
    maximumDraft: nullable(particulars.maximumDraft),
    airDraft: nullable(particulars.airDraft),
    grossTonnage: nullable(particulars.grossTonnage),
    deadweight: nullable(particulars.deadweight),
    capacityTEU: nullable(particulars.capacityTEU),
    state: Type.Enum([...vesselStates]),
    version: Type.Integer({ minimum: 1 }),
    registeredAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
    warnings: Type.Array(
      Type.Object({
        pointer: Type.String({ ...told.pointer, description: 'JSON pointer of what is unusual' }),
        detail: told.sentence,
      }),
      { maxItems: 2, description: 'What is unusual without being wrong: MMSI, call sign' },
    ),
    former: Type.Optional(
      Type.Array(
        Type.Object({
          property: Type.Enum([...recordedProperties]),
          value: told.sentence,
          validTo: Type.String({ format: 'date-time', description: 'Until when it had this' }),
        }),
        { description: 'Only in a search with `former=true`: what it had before and is found by' },
      ),
    ),
  },
  { $id: 'Vessel' },
)
type VesselAnswer = Static<typeof Vessel>
/** A vessel whose warnings are in every language. */
export type Vessel = Omit<VesselAnswer, 'warnings'> & {
  warnings: { pointer: string; detail: Text }[]
}

/** A vessel as a caller reads it. */
export const vesselIn = (vessel: Vessel, language: Language): VesselAnswer => ({
  ...vessel,
  warnings: vessel.warnings.map((warning) => faultIn(warning, language)),
})

export const VesselQuery = Type.Object(
  {
    ...pageQuery,
    vesselIMONumber: Type.Optional(
      Type.String({
        maxLength: 30,
        pattern: String.raw`^\s*(?:[Ii][Mm][Oo])?\s*\d{7}\s*$`,
        description: 'Exactly this IMO number',
        examples: ['9811000'],
      }),
    ),
    MMSINumber: Type.Optional(
      Type.String({ pattern: String.raw`^\d{9}$`, description: 'Exactly this MMSI' }),
    ),
    callSign: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 20,
        pattern: visibleText,
        description: 'Exactly this call sign, in capitals or not',
      }),
    ),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 50,
        pattern: visibleText,
        description: 'Beginning of the name, in capitals or not',
      }),
    ),
    former: Type.Optional(
      Type.Boolean({
        description:
          'Whether `name`, `callSign` and `MMSINumber` also find ships by what they had before; `former` of each says what',
      }),
    ),
    flag: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'Exactly this flag' })),
    type: Type.Optional(particulars.type),
    state: Type.Optional(Type.Enum([...vesselStates])),
    sort: sortQuery(['name', 'vesselIMONumber'], 'name'),
  },
  { additionalProperties: false },
)
export type VesselQuery = Static<typeof VesselQuery>
