import { type Static, Type } from 'typebox'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { told } from '../told.ts'

const attributes = {
  bays: Type.Integer({ minimum: 1, maximum: 200 }),
  rows: Type.Integer({ minimum: 1, maximum: 30 }),
  tiers: Type.Integer({ minimum: 1, maximum: 9, description: 'How high its stacks are' }),
  plugBays: Type.Array(Type.Integer({ minimum: 1, maximum: 200 }), {
    maxItems: 200,
    uniqueItems: true,
    description: 'Bays whose slots have plugs for reefers',
  }),
}

export const NewYardBlock = Type.Object(attributes, { additionalProperties: false })
export type NewYardBlock = Static<typeof NewYardBlock>

export const YardBlockParams = Type.Object({
  UNLocationCode: Type.String({ pattern: unLocationCodePattern }),
  code: Type.String({ pattern: '^[A-Z0-9]{1,4}$' }),
})

export const YardParams = Type.Object({
  UNLocationCode: Type.String({ pattern: unLocationCodePattern }),
})

export const YardBlock = Type.Object(
  {
    UNLocationCode: told.unLocationCode,
    code: told.code,
    ...attributes,
    slots: Type.Integer({ minimum: 1, description: 'Containers that it has room for' }),
    taken: Type.Integer({ minimum: 0, description: 'Containers that stand in it' }),
  },
  { $id: 'YardBlock' },
)
export type YardBlock = Static<typeof YardBlock>
