import { describe, expect, it } from 'vitest'
import { attachmentFaults } from './timestamp-attachment.ts'

const call = { vesselId: 'ship', UNLocationCode: 'ESALG' }
const codes = (...given: Parameters<typeof attachmentFaults>) =>
  attachmentFaults(...given).map(({ code }) => code)

describe('attaching an orphan', () => {
  it('asks for the ship and the place of the call, naming each that differs', () => {
    expect(codes({ vesselId: 'ship', UNLocationCode: 'ESALG' }, call, {})).toEqual([])
    expect(codes({ vesselId: 'other', UNLocationCode: 'ESALG' }, call, {})).toEqual(['SAME_VESSEL'])
    expect(codes({ vesselId: null, UNLocationCode: null }, call, {})).toEqual([
      'SAME_VESSEL',
      'SAME_PLACE',
    ])
  })

  it('is forced only with a reason', () => {
    const stranger = { vesselId: null, UNLocationCode: 'NLRTM' }
    expect(codes(stranger, call, { force: true })).toEqual(['REASON_GIVEN'])
    expect(codes(stranger, call, { force: true, reason: 'wrong MMSI set' })).toEqual([])
    expect(codes(stranger, call, { reason: 'wrong MMSI set' })).toHaveLength(2)
  })
})
