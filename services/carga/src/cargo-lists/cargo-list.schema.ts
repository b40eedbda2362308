import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { cargoLists } from './cargo-list.ts'

const Place = (description: string) => Type.String({ pattern: unLocationCodePattern, description })
const Slot = Type.String({ pattern: String.raw`^\d{1,3}$` })

const attributes = {
  equipmentReference: Type.String({ pattern: '^[A-Z0-9]{4,11}$', examples: ['CSQU3054383'] }),
  ISOEquipmentCode: Type.String({ pattern: '^[A-Z0-9]{4}$', examples: ['22G1'] }),
  isEmpty: Type.Boolean(),
}
const more = {
  grossWeight: Type.Integer({ minimum: 1, maximum: 99_999, description: 'Kilograms' }),
  portOfLoading: Place('UN/LOCODE'),
  portOfDischarge: Place('UN/LOCODE'),
  bay: Slot,
  row: Slot,
  tier: Slot,
  internalSetpointTemperature: Type.Number({ minimum: -80, maximum: 80, description: '°C' }),
}

/** A line of a list as a table. */
export const CargoListLine = Type.Object(
  {
    ...attributes,
    grossWeight: Type.Optional(more.grossWeight),
    portOfLoading: Type.Optional(more.portOfLoading),
    portOfDischarge: Type.Optional(more.portOfDischarge),
    bay: Type.Optional(more.bay),
    row: Type.Optional(more.row),
    tier: Type.Optional(more.tier),
    internalSetpointTemperature: Type.Optional(more.internalSetpointTemperature),
  },
  { additionalProperties: false },
)
export type CargoListLine = Static<typeof CargoListLine>

export const CargoListEntry = Type.Object(
  {
    ...attributes,
    grossWeight: nullable(more.grossWeight),
    portOfLoading: nullable(more.portOfLoading),
    portOfDischarge: nullable(more.portOfDischarge),
    bay: nullable(Slot),
    row: nullable(Slot),
    tier: nullable(Slot),
    internalSetpointTemperature: nullable(more.internalSetpointTemperature),
    isDone: Type.Boolean({ description: 'Whether it is loaded, or discharged' }),
    containerVisitId: nullable(
      Type.String({
        format: 'uuid',
        description: 'Its visit at this call, where one is announced',
      }),
    ),
  },
  { $id: 'CargoListEntry' },
)
export type CargoListEntry = Static<typeof CargoListEntry>

export const ImportedList = Type.Object({
  imported: Type.Integer({ minimum: 0, description: 'Containers of the list as it is then' }),
})

export const CargoListQuery = Type.Object(pageQuery, { additionalProperties: false })
export type CargoListQuery = Static<typeof CargoListQuery>

/** How many containers a list has, by length; other lengths are in the total only. */
export const Forecast = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  size20: Type.Integer({ minimum: 0 }),
  size40: Type.Integer({ minimum: 0 }),
  size45: Type.Integer({ minimum: 0 }),
  laden: Type.Integer({ minimum: 0 }),
  reefers: Type.Integer({ minimum: 0 }),
})

export const CargoProgress = Type.Object(
  {
    portCallId: Type.String({ format: 'uuid' }),
    lists: Type.Array(
      Type.Object({
        list: Type.Enum(cargoLists, { type: 'string' }),
        total: Type.Integer({ minimum: 0 }),
        done: Type.Integer({ minimum: 0 }),
        announced: Type.Integer({ minimum: 0, description: 'Of them, those that have a visit' }),
      }),
      { maxItems: cargoLists.length },
    ),
    knowledge: Type.Ref('Knowledge'),
  },
  { $id: 'CargoProgress' },
)
export type ListProgress = {
  list: (typeof cargoLists)[number]
  total: number
  done: number
  announced: number
}
