import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { organizationPattern } from '../visibility.ts'
import { flows, sealSources, sealTypes, states } from './container-visit.ts'

const Weight = { minimum: 1, maximum: 99_999, description: 'Kilograms' }
const Slot = Type.String({ pattern: '^[A-Z0-9]{1,4}$' })

const Seal = Type.Object(
  {
    number: Type.String({ pattern: String.raw`^[A-Za-z0-9][A-Za-z0-9 ./-]{0,14}$` }),
    source: Type.Enum(sealSources, { type: 'string', description: 'Who affixed it (DCSA)' }),
    type: Type.Optional(
      Type.Enum(sealTypes, { type: 'string', description: 'Keyless padlock, bolt or wire' }),
    ),
  },
  { additionalProperties: false },
)

/** Where a container stands: in a vessel's slot or in a slot of the yard. */
export const Position = Type.Union([
  Type.Object(
    {
      vessel: Type.Object(
        { bay: Slot, row: Slot, tier: Slot },
        { additionalProperties: false, description: 'ISO 9711-1: bay, row and tier' },
      ),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      yard: Type.Object(
        { block: Slot, bay: Slot, row: Slot, tier: Slot },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  ),
])
export type Position = Static<typeof Position>

const attributes = {
  equipmentReference: Type.String({
    pattern: '^[A-Z0-9]{4,11}$',
    description: 'Container number of ISO 6346, whose check digit must be right',
    examples: ['CSQU3054383'],
  }),
  ISOEquipmentCode: Type.String({
    pattern: '^[A-Z0-9]{4}$',
    description: 'Size and type of ISO 6346',
    examples: ['22G1'],
  }),
  tareWeight: Type.Integer(Weight),
  maximumGrossWeight: Type.Integer(Weight),
  isEmpty: Type.Boolean(),
  flow: Type.Enum(flows, { type: 'string' }),
  UNLocationCode: Type.String({
    pattern: unLocationCodePattern,
    description: 'The port',
    examples: ['ESALG'],
  }),
}
const setPoint = Type.Union([Type.Number({ minimum: -80, maximum: 80 }), Type.Null()], {
  description: 'Temperature that a reefer keeps, °C; null for none',
})
const override = Type.Union([Type.String({ minLength: 1, maxLength: 500 }), Type.Null()], {
  description:
    'Why a shipper-owned container has no valid number of ISO 6346; with it the number is not checked',
})

const reference = (maxLength: number, description: string) =>
  Type.Union(
    [Type.String({ minLength: 1, maxLength, pattern: String.raw`^\S(?:.*\S)?$` }), Type.Null()],
    { description },
  )
const portCall = (description: string) =>
  Type.Union([Type.String({ format: 'uuid' }), Type.Null()], { description })

/** Papers, parties and port calls that a visit belongs to. */
const belonging = {
  carrierOrganization: Type.Union(
    [Type.String({ pattern: organizationPattern, examples: ['acme'] }), Type.Null()],
    { description: 'Organisation of the carrier, which may see the visit; null for none' },
  ),
  carrierBookingReference: reference(35, 'Reference of the booking'),
  transportDocumentReference: reference(20, 'Reference of the transport document'),
  dischargePortCallId: portCall('The port call that the container comes by; not of an export'),
  loadPortCallId: portCall('The port call that the container leaves by; not of an import'),
}

/** Seals of a container, at most. */
const mostSeals = 20

/** A visit as it is announced, and as its attributes are replaced. */
export const NewContainerVisit = Type.Object(
  {
    ...attributes,
    seals: Type.Array(Seal, { maxItems: mostSeals, default: [] }),
    internalSetpointTemperature: Type.Optional(setPoint),
    shipperOwnedOverride: Type.Optional(override),
    carrierOrganization: Type.Optional(belonging.carrierOrganization),
    carrierBookingReference: Type.Optional(belonging.carrierBookingReference),
    transportDocumentReference: Type.Optional(belonging.transportDocumentReference),
    dischargePortCallId: Type.Optional(belonging.dischargePortCallId),
    loadPortCallId: Type.Optional(belonging.loadPortCallId),
  },
  { additionalProperties: false },
)
export type NewContainerVisit = Static<typeof NewContainerVisit>

export const ContainerVisit = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    ...attributes,
    seals: Type.Array(Seal, { maxItems: mostSeals }),
    internalSetpointTemperature: setPoint,
    shipperOwnedOverride: override,
    ...belonging,
    state: Type.Enum(states, { type: 'string', description: 'Computed from the actual events' }),
    position: Type.Union([Position, Type.Null()], {
      description: 'Of the last move that named one; null where it is not known',
    }),
    version: Type.Integer(),
    announcedAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'ContainerVisit' },
)
export type ContainerVisit = Static<typeof ContainerVisit>

export const ContainerVisitParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** What a list of visits can be sorted by. */
export const containerVisitOrder = ['announcedAt', 'equipmentReference'] as const

export const ContainerVisitQuery = Type.Object(
  {
    ...pageQuery,
    equipmentReference: Type.Optional(attributes.equipmentReference),
    flow: Type.Optional(attributes.flow),
    state: Type.Optional(Type.Enum(states, { type: 'string' })),
    UNLocationCode: Type.Optional(attributes.UNLocationCode),
    carrierBookingReference: Type.Optional(Type.String({ minLength: 1, maxLength: 35 })),
    transportDocumentReference: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
    dischargePortCallId: Type.Optional(Type.String({ format: 'uuid' })),
    loadPortCallId: Type.Optional(Type.String({ format: 'uuid' })),
    sort: sortQuery(containerVisitOrder, '-announcedAt'),
  },
  { additionalProperties: false },
)
export type ContainerVisitQuery = Static<typeof ContainerVisitQuery>
