import type { TestService } from '@porttrack/shared/testing/start-service'
import { checkDigitOf } from '../src/container-visits/equipment-reference.ts'

let serial = 0

/** A valid container number that no other test has. */
export const freshReference = (): string => {
  serial += 1
  const start = `PTRU${String(serial).padStart(6, '0')}`
  return `${start}${checkDigitOf(start)}`
}

/** A laden, sealed container for export, unless changed. */
export const newVisit = (change: object = {}) => ({
  equipmentReference: freshReference(),
  ISOEquipmentCode: '22G1',
  tareWeight: 2_200,
  maximumGrossWeight: 30_480,
  isEmpty: false,
  flow: 'EXPORT',
  UNLocationCode: 'ESALG',
  seals: [{ number: 'SEAL1', source: 'SHI', type: 'BLT' }],
  ...change,
})

/** Announces a visit and gives its id. */
export const announce = async (service: TestService<object>, change: object = {}) => {
  const made = await service.request('POST', '/v1/container-visits', { body: newVisit(change) })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

export const yard = { yard: { block: 'A', bay: '01', row: '02', tier: '3' } }
export const vessel = { vessel: { bay: '23', row: '04', tier: '82' } }

/** An actual event of 1 January 2026. */
export const event = (eventCode: string, time: string, change: object = {}) => ({
  eventCode,
  eventClassifierCode: 'ACT',
  eventDateTime: `2026-01-01T${time}:00Z`,
  ...(eventCode === 'YARD' ? { position: yard } : {}),
  ...change,
})
