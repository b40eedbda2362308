import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { equipmentReferenceFault } from '../container-visits/equipment-reference.ts'
import { isoEquipmentCodeFault } from '../container-visits/iso-equipment-code.ts'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'

/** What a list is of. */
export const cargoLists = ['LOAD', 'DISCHARGE'] as const
export type CargoListKind = (typeof cargoLists)[number]

/** Where a list is in the API. */
export const listPaths = { LOAD: 'load-list', DISCHARGE: 'discharge-list' } as const

/** A container of a list. */
export type CargoListItem = {
  equipmentReference: string
  ISOEquipmentCode: string
  isEmpty: boolean
  /** Kilograms. */
  grossWeight: number | null
  portOfLoading: string | null
  portOfDischarge: string | null
  /** Slot aboard (ISO 9711-1), all three or none. */
  bay: string | null
  row: string | null
  tier: string | null
  /** Degrees Celsius. */
  internalSetpointTemperature: number | null
}

export const cargoListErrors = defineErrors({
  CARGO_LIST_NOT_IMPORTED: {
    status: 422,
    title: { en: 'The list was not imported', es: 'La lista no se importó' },
  },
})

/** Containers that a list may have: more than the largest ship moves in one port. */
export const mostItems = 10_000

/** Which rules a container of a list breaks by itself. */
export const cargoListItemFaults = (item: CargoListItem): Fault[] => {
  const judged = {
    equipmentReference: equipmentReferenceFault(item.equipmentReference),
    ISOEquipmentCode: isoEquipmentCodeFault(item.ISOEquipmentCode),
    portOfLoading: item.portOfLoading === null ? null : unLocationCodeFault(item.portOfLoading),
    portOfDischarge:
      item.portOfDischarge === null ? null : unLocationCodeFault(item.portOfDischarge),
    bay: [0, 3].includes([item.bay, item.row, item.tier].filter((each) => each !== null).length)
      ? null
      : { en: 'comes with row and tier, or not at all', es: 'va con fila y altura, o no va' },
  }
  return Object.entries(judged).flatMap(([field, detail]) =>
    detail === null ? [] : [{ pointer: `#/${field}`, detail }],
  )
}

/** Lengths that are counted apart. */
type Sizes = {
  total: number
  size20: number
  size40: number
  size45: number
  laden: number
  reefers: number
}

/** How many containers a list has, by length; other lengths are in the total only. */
export const forecastOf = (items: readonly CargoListItem[]): Sizes => {
  const count = (holds: (item: CargoListItem) => boolean) => items.filter(holds).length
  const starts = (first: string) => (item: CargoListItem) => item.ISOEquipmentCode.startsWith(first)
  return {
    total: items.length,
    size20: count(starts('2')),
    size40: count(starts('4')),
    size45: count(starts('L')),
    laden: count(({ isEmpty }) => !isEmpty),
    reefers: count(({ internalSetpointTemperature }) => internalSetpointTemperature !== null),
  }
}
