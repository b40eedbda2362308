import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { Reason } from '../reason.schema.ts'
import { organizationPattern } from '../visibility.ts'
import { transportDocumentLifecycle } from './transport-document.ts'
import { told } from '../told.ts'

const Name = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: String.raw`^\S(?:.*\S)?$`, description })
const Instant = Type.String({ format: 'date-time' })
const Place = (description: string) => Type.String({ pattern: unLocationCodePattern, description })

const ConsignmentItem = Type.Object(
  {
    descriptionOfGoods: Name(1_000, 'What the goods are'),
    HSCodes: Type.Array(Type.String({ pattern: String.raw`^\d{6,10}$`, examples: ['851713'] }), {
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      description: 'Harmonized System',
    }),
    cargoGrossWeight: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e9,
      description: 'Kilograms, without containers',
    }),
    numberOfPackages: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    equipmentReferences: Type.Array(Type.String({ pattern: '^[A-Z0-9]{4,11}$' }), {
      minItems: 1,
      maxItems: 500,
      uniqueItems: true,
      description: 'The containers that the goods are in',
    }),
  },
  { additionalProperties: false },
)

const attributes = {
  transportDocumentReference: Name(20, 'Number of the document'),
  shipper: Name(70, 'Name of the shipper'),
  portOfLoading: Place('UN/LOCODE'),
  portOfDischarge: Place('UN/LOCODE'),
  consignmentItems: Type.Array(ConsignmentItem, { minItems: 1, maxItems: 500 }),
}
const carrierBookingReference = nullable(Name(35, 'Reference of the booking'))
const carrierOrganization = nullable(
  Type.String({ pattern: organizationPattern, description: 'Organisation of the carrier' }),
)
const consignee = nullable(Name(70, 'Name of the consignee; null for one to order'))

export const NewTransportDocument = Type.Object(
  {
    ...attributes,
    carrierBookingReference: Type.Optional(carrierBookingReference),
    carrierOrganization: Type.Optional(carrierOrganization),
    consignee: Type.Optional(consignee),
  },
  { additionalProperties: false },
)
export type NewTransportDocument = Static<typeof NewTransportDocument>

export const TransportDocument = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    ...attributes,
    carrierBookingReference,
    carrierOrganization,
    consignee,
    state: Type.Enum([...transportDocumentLifecycle.stateNames], { type: 'string' }),
    reason: nullable(Type.String({ ...told.reason, description: 'Why it was voided' })),
    issuedAt: nullable(Instant),
    createdAt: Instant,
    updatedAt: Instant,
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'TransportDocument' },
)
export type TransportDocument = Static<typeof TransportDocument>

export const TransportDocumentParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

export const TransportDocumentQuery = Type.Object(
  {
    ...pageQuery,
    transportDocumentReference: Type.Optional(Name(20, 'The whole number')),
    state: Type.Optional(Type.Enum([...transportDocumentLifecycle.stateNames], { type: 'string' })),
  },
  { additionalProperties: false },
)
export type TransportDocumentQuery = Static<typeof TransportDocumentQuery>

/** What is said with an action; a document is voided with a reason. */
export const TransportDocumentDecision = Type.Object(
  { reason: Type.Optional(Reason) },
  { additionalProperties: false },
)
