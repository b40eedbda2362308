import { mostLines } from '@porttrack/shared/http/csv'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, type TNull, type TOptional, type TUnion, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import {
  portCallPurposes,
  portCallStates,
  universalServiceReferencePattern,
  universalVoyageReferencePattern,
} from './port-call.ts'
import { told } from '../text.ts'

const UNLocationCode = (description: string) =>
  Type.String({ pattern: unLocationCodePattern, description, examples: ['ESALG'] })
const Instant = (description: string) => Type.String({ format: 'date-time', description })
const Draft = (description: string) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 50, description: `${description}, metres` })
const OrganizationOf = (description: string) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description, examples: ['acme'] })
const Organization = OrganizationOf('Code of the agent’s organisation')
const Purposes = Type.Array(Type.Enum([...portCallPurposes]), {
  minItems: 1,
  maxItems: portCallPurposes.length,
  uniqueItems: true,
  description: 'Why the ship calls (UN/EDIFACT 8025)',
})

/** What someone else calls something by: a text without blanks at its ends. */
const Name = (maxLength: number, description: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: String.raw`^\S(?:.*\S)?$`,
    description,
  })
const UniversalVoyageReference = (description: string) =>
  Type.String({
    pattern: universalVoyageReferencePattern,
    description: `${description} (DCSA)`,
    examples: ['2103N'],
  })

/** What an agent declares of a call and may declare anew, beside its purposes. */
const declared = {
  carrierOrganization: OrganizationOf(
    'Code of the carrier’s organisation, which sees the call and speaks for the ship in it',
  ),
  terminalOrganization: OrganizationOf(
    'Code of the terminal’s organisation, whose system sees the call and speaks for the terminal in it',
  ),
  previousPort: UNLocationCode('Port the ship comes from, UN/LOCODE'),
  nextPort: UNLocationCode('Port the ship goes to, UN/LOCODE'),
  eta: Instant('Declared time of arrival'),
  etd: Instant('Declared time of departure'),
  declaredArrivalDraft: Draft('Deepest draft on arrival'),
  declaredDepartureDraft: Draft('Deepest draft on departure'),
  portVisitReference: Name(50, 'Reference by which the port’s other systems know the call (DCSA)'),
  carrierServiceCode: Name(11, 'The carrier’s code of the service that the ship sails in'),
  carrierServiceName: Name(50, 'The carrier’s name of that service'),
  universalServiceReference: Type.String({
    pattern: universalServiceReferencePattern,
    description: 'Reference of that service that all carriers of it share (DCSA)',
    examples: ['SR12345A'],
  }),
  carrierImportVoyageNumber: Name(50, 'The carrier’s number of the voyage that arrives'),
  carrierExportVoyageNumber: Name(50, 'The carrier’s number of the voyage that departs'),
  universalImportVoyageReference: UniversalVoyageReference('Reference of the voyage that arrives'),
  universalExportVoyageReference: UniversalVoyageReference('Reference of the voyage that departs'),
}

type Declared = typeof declared

/** As it is announced: each part may be left out. */
const optionallyDeclared = Object.fromEntries(
  Object.entries(declared).map(([name, schema]) => [name, Type.Optional(schema)]),
) as { [K in keyof Declared]: TOptional<Declared[K]> }

/** As it is answered: each part is there, null where it is not known. */
export const nullablyDeclared = Object.fromEntries(
  Object.entries(declared).map(([name, schema]) => [name, nullable(schema)]),
) as { [K in keyof Declared]: TUnion<[Declared[K], TNull]> }

/** As it is amended: each part may be left out, and be null. */
const amendablyDeclared = Object.fromEntries(
  Object.entries(nullablyDeclared).map(([name, schema]) => [name, Type.Optional(schema)]),
) as { [K in keyof Declared]: TOptional<TUnion<[Declared[K], TNull]>> }

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

/** One line of a table of calls, whose ship is named by IMO number, MMSI or both. */
export const PortCallLine = Type.Object(
  {
    vesselIMONumber: Type.Optional(Type.String({ maxLength: 20 })),
    MMSINumber: Type.Optional(Type.String({ maxLength: 20 })),
    agentOrganization: Type.Optional(Organization),
    UNLocationCode: UNLocationCode('Port that is called at, UN/LOCODE'),
    purposes: Purposes,
    ...optionallyDeclared,
    eta: declared.eta,
  },
  { additionalProperties: false },
)
export type PortCallLine = Static<typeof PortCallLine>

export const Imported = Type.Object({
  imported: Type.Integer({ minimum: 1 }),
  portCallIds: Type.Array(Type.String({ format: 'uuid' }), {
    maxItems: mostLines,
    description: 'In the order of the lines',
  }),
})
export type Imported = Static<typeof Imported>

/** What is declared otherwise; null takes it back, what is left out stays as it was. */
export const Amendment = Type.Object(
  { purposes: Type.Optional(Purposes), ...amendablyDeclared },
  { additionalProperties: false, minProperties: 1 },
)
export type Amendment = Static<typeof Amendment>

/** What a rejected call is announced with anew. */
export const redeclared = { purposes: Type.Optional(Purposes), ...optionallyDeclared }

export const PortCall = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    vesselId: Type.String({ format: 'uuid' }),
    vessel: Type.Object(
      {
        name: told.vesselName,
        vesselIMONumber: nullable(told.shipNumber),
        MMSINumber: nullable(told.shipNumber),
      },
      { description: 'What tells the ship apart' },
    ),
    agentOrganization: told.organization,
    UNLocationCode: told.unLocationCode,
    purposes: Type.Array(Type.Enum([...portCallPurposes]), { maxItems: portCallPurposes.length }),
    ...nullablyDeclared,
    state: Type.Enum([...portCallStates]),
    departureAuthorizedAt: nullable(
      Type.String({ format: 'date-time', description: 'Since when the ship may leave' }),
    ),
    version: Type.Integer({ minimum: 1 }),
    announcedAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'PortCall' },
)
export type PortCall = Static<typeof PortCall>

type DeclaredName = 'purposes' | keyof Declared
const declaredNames = ['purposes', ...Object.keys(declared)] as readonly DeclaredName[]

/** What is declared of a call. */
export const declaredOf = (call: PortCall) =>
  Object.fromEntries(declaredNames.map((name) => [name, call[name]])) as Pick<
    PortCall,
    DeclaredName
  >

export const PortCallQuery = Type.Object(
  {
    ...pageQuery,
    vesselId: Type.Optional(Type.String({ format: 'uuid' })),
    agentOrganization: Type.Optional(Organization),
    UNLocationCode: Type.Optional(UNLocationCode('Exactly this port')),
    portVisitReference: Type.Optional(declared.portVisitReference),
    state: Type.Optional(
      Type.Array(Type.Enum([...portCallStates]), {
        minItems: 1,
        maxItems: portCallStates.length,
        uniqueItems: true,
        description: 'Any of these states: `state=ARRIVED&state=ALONGSIDE`',
      }),
    ),
    from: Type.Optional(Instant('Least eta')),
    to: Type.Optional(Instant('Eta before this')),
    departingFrom: Type.Optional(Instant('Least etd')),
    departingTo: Type.Optional(Instant('Etd before this')),
    sort: sortQuery(['eta', 'etd', 'announcedAt'], {
      otherwise: 'eta, or etd where departures are asked for',
    }),
  },
  { additionalProperties: false },
)
export type PortCallQuery = Static<typeof PortCallQuery>
