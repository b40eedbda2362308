import { describe, expect, it } from 'vitest'
import { containerVisitFaults, identityFaults } from './container-visit.ts'
import type { ContainerVisit, NewContainerVisit } from './container-visit.schema.ts'

const box: NewContainerVisit = {
  equipmentReference: 'CSQU3054383',
  ISOEquipmentCode: '22G1',
  tareWeight: 2_200,
  maximumGrossWeight: 30_480,
  isEmpty: false,
  flow: 'EXPORT',
  UNLocationCode: 'ESALG',
  seals: [{ number: 'A1', source: 'SHI' }],
}
const pointersOf = (change: Partial<NewContainerVisit>) =>
  containerVisitFaults({ ...box, ...change }).map(({ pointer }) => pointer)

describe('the rules of a container visit', () => {
  it('are met by an ordinary container', () => {
    expect(containerVisitFaults(box)).toEqual([])
  })

  it('are all checked at once', () => {
    const wrong = {
      equipmentReference: 'HLXU1234567',
      ISOEquipmentCode: '99X9',
      UNLocationCode: 'ZZALG',
      tareWeight: 30_480,
      internalSetpointTemperature: -18,
      seals: [
        { number: 'A1', source: 'SHI' as const },
        { number: 'A1', source: 'CUS' as const },
      ],
    }
    expect(pointersOf(wrong)).toEqual([
      '#/equipmentReference',
      '#/ISOEquipmentCode',
      '#/UNLocationCode',
      '#/maximumGrossWeight',
      '#/internalSetpointTemperature',
      '#/seals/1/number',
    ])
  })

  it('let a shipper’s own container go without a valid number when the reason is given', () => {
    const own = { equipmentReference: 'HLXU1234567' }
    expect(pointersOf(own)).toEqual(['#/equipmentReference'])
    expect(pointersOf({ ...own, shipperOwnedOverride: null })).toEqual(['#/equipmentReference'])
    expect(pointersOf({ ...own, shipperOwnedOverride: 'bought second-hand' })).toEqual([])
  })

  it('know a set point of reefers only, 0 °C included', () => {
    expect(pointersOf({ internalSetpointTemperature: 0 })).toHaveLength(1)
    expect(pointersOf({ internalSetpointTemperature: null })).toEqual([])
    expect(pointersOf({ ISOEquipmentCode: '45R1', internalSetpointTemperature: 0 })).toEqual([])
  })

  it('keep container, flow and place as they are', () => {
    const present = { ...box, id: 'x' } as unknown as ContainerVisit
    expect(identityFaults(present, { ...box, tareWeight: 2_300 })).toEqual([])
    expect(identityFaults(present, { ...box, flow: 'IMPORT', UNLocationCode: 'ESVLC' })).toEqual([
      { pointer: '#/flow', detail: { en: 'stays EXPORT', es: 'sigue siendo EXPORT' } },
      { pointer: '#/UNLocationCode', detail: { en: 'stays ESALG', es: 'sigue siendo ESALG' } },
    ])
  })
})
