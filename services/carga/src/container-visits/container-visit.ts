import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { equipmentReferenceFault } from './equipment-reference.ts'
import { isoEquipmentCodeFault, isThermal } from './iso-equipment-code.ts'
import type { ContainerVisit, NewContainerVisit } from './container-visit.schema.ts'

/** How a container passes through the port. */
export const flows = ['EXPORT', 'IMPORT', 'TRANSSHIPMENT'] as const
export type Flow = (typeof flows)[number]

/** Where a container is on its way through the port; which of them occur is a matter of the flow. */
export const states = [
  'ADVISED',
  'GATED_IN',
  'ON_BOARD',
  'DISCHARGED',
  'IN_YARD',
  'RELEASED',
  'LOADED',
  'DEPARTED',
  'GATED_OUT',
] as const
export type ContainerVisitState = (typeof states)[number]

/** The state in which a visit of each flow has ended. */
const lastStates: Readonly<Record<Flow, ContainerVisitState>> = {
  EXPORT: 'DEPARTED',
  IMPORT: 'GATED_OUT',
  TRANSSHIPMENT: 'LOADED',
}

/** Whether a visit goes on. */
export const isOpen = ({ flow, state }: { flow: Flow; state: ContainerVisitState }): boolean =>
  lastStates[flow] !== state

/** Who has affixed a seal (DCSA): carrier, consolidator, customer, customs, … */
export const sealSources = ['CAR', 'CNS', 'CST', 'CUS', 'PHY', 'SHI', 'TER', 'VET'] as const

/** Kind of a seal (DCSA): keyless padlock, bolt, wire. */
export const sealTypes = ['KLP', 'BLT', 'WIR'] as const

export const containerVisitErrors = defineErrors({
  CONTAINER_VISIT_OPEN: {
    status: 409,
    title: {
      en: 'The container has an open visit at this place already',
      es: 'El contenedor ya tiene una estancia abierta en este lugar',
    },
  },
  CONTAINER_VISIT_IDENTITY_FIXED: {
    status: 409,
    title: {
      en: 'Container, flow and place of a visit do not change',
      es: 'El contenedor, el flujo y el lugar de una estancia no cambian',
    },
  },
  CONTAINER_VISIT_INVALID: {
    status: 422,
    title: {
      en: 'The container visit breaks a rule',
      es: 'La estancia del contenedor incumple una regla',
    },
  },
})

/** What makes a visit this visit. */
const identity = ['equipmentReference', 'flow', 'UNLocationCode'] as const

/** Which rules a visit breaks that is to be announced or changed. */
export const containerVisitFaults = (visit: NewContainerVisit): Fault[] => {
  const { internalSetpointTemperature: setPoint = null, shipperOwnedOverride = null } = visit
  const numbers = visit.seals.map(({ number }) => number)
  return [
    // A shipper's own container may lack a number of ISO 6346, when the reason is documented.
    ...faultAt(
      '#/equipmentReference',
      shipperOwnedOverride === null ? equipmentReferenceFault(visit.equipmentReference) : null,
    ),
    ...faultAt('#/ISOEquipmentCode', isoEquipmentCodeFault(visit.ISOEquipmentCode)),
    ...faultAt('#/UNLocationCode', unLocationCodeFault(visit.UNLocationCode)),
    ...faultAt(
      '#/maximumGrossWeight',
      visit.maximumGrossWeight > visit.tareWeight
        ? null
        : {
            en: 'must be more than the tare weight',
            es: 'debe ser mayor que la tara',
          },
    ),
    ...faultAt(
      '#/internalSetpointTemperature',
      setPoint === null || isThermal(visit.ISOEquipmentCode)
        ? null
        : {
            en: `is only for refrigerated and insulated containers, not for ${visit.ISOEquipmentCode}`,
            es: `es solo para contenedores frigoríficos e isotermos, no para ${visit.ISOEquipmentCode}`,
          },
    ),
    ...faultAt(
      '#/dischargePortCallId',
      visit.flow === 'EXPORT' && (visit.dischargePortCallId ?? null) !== null
        ? { en: 'is not of an export', es: 'no es propio de una exportación' }
        : null,
    ),
    ...faultAt(
      '#/loadPortCallId',
      visit.flow === 'IMPORT' && (visit.loadPortCallId ?? null) !== null
        ? { en: 'is not of an import', es: 'no es propio de una importación' }
        : null,
    ),
    ...numbers.flatMap((number, index) =>
      faultAt(
        `#/seals/${index}/number`,
        numbers.indexOf(number) === index
          ? null
          : {
              en: `is that of another seal: ${number}`,
              es: `es el de otro precinto: ${number}`,
            },
      ),
    ),
  ]
}

/** Which parts of a visit's identity a change would touch; another container is another visit. */
export const identityFaults = (present: ContainerVisit, wanted: NewContainerVisit): Fault[] =>
  identity.flatMap((field) =>
    faultAt(
      `#/${field}`,
      present[field] === wanted[field]
        ? null
        : { en: `stays ${present[field]}`, es: `sigue siendo ${present[field]}` },
    ),
  )

const faultAt = (pointer: string, detail: Text | null): Fault[] =>
  detail === null ? [] : [{ pointer, detail }]
