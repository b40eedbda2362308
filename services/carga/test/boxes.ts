import type { TestService } from '@porttrack/shared/testing/start-service'
import { checkDigitOf } from '../src/container-visits/equipment-reference.ts'

let serial = 0

/** A valid container number that no other test has. */
export const freshReference = (): string => {
  serial += 1
  const start = `PTRU${String(serial).padStart(6, '0')}`
  return `${start}${checkDigitOf(start)}`
}

/** The call that tests' containers leave by; `startCarga` makes it known. */
export const loadPortCallId = '00000000-0000-4000-8000-00000000ca11'

/** A laden, sealed container for export, unless changed. */
export const newVisit = (change: Record<string, unknown> = {}) => ({
  equipmentReference: freshReference(),
  ISOEquipmentCode: '22G1',
  tareWeight: 2_200,
  maximumGrossWeight: 30_480,
  isEmpty: false,
  flow: 'EXPORT',
  UNLocationCode: 'ESALG',
  seals: [{ number: 'SEAL1', source: 'SHI', type: 'BLT' }],
  ...(change['flow'] === 'IMPORT' ? {} : { loadPortCallId }),
  ...change,
})

/** Announces a visit and gives its id. */
export const announce = async (
  service: TestService<object>,
  change: Record<string, unknown> = {},
) => {
  const made = await service.request('POST', '/v1/container-visits', { body: newVisit(change) })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

let declared = 0

/** A verified gross mass that breaks no rule, unless changed. */
export const newVgm = (change: object = {}) => {
  declared += 1
  return {
    declarationReference: `VGM-${declared}`,
    declarationDateTime: '2026-01-01T00:00:00Z',
    weight: { value: 20_000, unit: 'KGM' },
    method: 'SM1',
    dateTime: '2026-01-01T00:00:00Z',
    responsibleParty: 'Acme Shipping',
    authorizedPersonSignatory: 'Jane Doe',
    ...change,
  }
}

/** Declares the verified gross mass of a visit's container. */
export const declareVgm = async (service: TestService<object>, id: string, change: object = {}) => {
  const path = `/v1/container-visits/${id}/vgm-declarations`
  const made = await service.request('POST', path, { body: newVgm(change) })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

/** A slot on the ground; `startCarga` lays out blocks A and B for tests that name theirs, and C. */
export const yard = { yard: { block: 'A', bay: '01', row: '02', tier: '1' } }

let slot = 0

/** A slot on the ground of block C that no other test has. */
const freshSlot = () => {
  slot += 1
  const [bay, row] = [(slot % 200) + 1, Math.floor(slot / 200) + 1]
  return { yard: { block: 'C', bay: String(bay), row: String(row), tier: '1' } }
}

let slots = 0

/** Opens a slot of the gate, and gives its id. */
export const openGateSlot = async (service: TestService<object>, change: object = {}) => {
  slots += 1
  const startsAt = new Date(Date.now() + slots * 60_000)
  const made = await service.request('POST', '/v1/gate-slots', {
    body: {
      UNLocationCode: 'ESALG',
      startsAt: startsAt.toISOString(),
      endsAt: new Date(startsAt.getTime() + 3_600_000).toISOString(),
      capacity: 10,
      ...change,
    },
  })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

/** Books a truck for a visit's container, and gives the appointment. */
export const bookTruck = async (service: TestService<object>, id: string, purpose = 'PICK_UP') => {
  const gateSlotId = await openGateSlot(service)
  const made = await service.request('POST', `/v1/container-visits/${id}/gate-appointments`, {
    body: { gateSlotId, purpose, truckLicencePlate: '1234 BCD' },
  })
  if (made.status !== 201) throw new Error(made.text)
  return made.body as { id: string; gateSlotId: string }
}
export const vessel = { vessel: { bay: '23', row: '04', tier: '82' } }

/** An actual event of 1 January 2026. */
export const event = (eventCode: string, time: string, change: object = {}) => ({
  eventCode,
  eventClassifierCode: 'ACT',
  eventDateTime: `2026-01-01T${time}:00Z`,
  ...(eventCode === 'YARD' ? { position: freshSlot() } : {}),
  ...change,
})
