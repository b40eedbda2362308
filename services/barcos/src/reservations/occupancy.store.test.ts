import { describe, expect, it } from 'vitest'
import { obstacleOf, type OccupancyRow } from './occupancy.store.ts'
import { obstacleFault } from './reservation.ts'

const row: OccupancyRow = {
  id: '01a21d1b-be66-7791-84ec-c148a3fc6eba',
  kind: 'RESERVATION',
  berthId: '01a21d1b-be04-7054-bace-126ec309683b',
  berthCode: 'JC-1',
  UNLocationCode: 'ESALG',
  fromMetre: 15,
  toMetre: 215.5,
  startsAt: new Date('2026-10-25T00:30:00Z'),
  endsAt: new Date('2026-10-25T01:30:00Z'),
  lengthOverall: 200.5,
  reason: null,
  portCallId: '01a21d1b-bbc8-7607-b3ca-0e32e019c7fc',
  portCallState: 'APPROVED',
  knownTo: ['acme'],
  vesselName: 'Algeciras Star',
  vesselIMONumber: '9074729',
  sideAlongside: null,
  alongsideFrom: null,
  alongsideTo: null,
  overdue: false,
  ship: null,
  dangerousGoodsClasses: [],
  reefers: 0,
  predictedTide: null,
  version: 1,
  updatedAt: new Date(0),
}

describe('what stands in the way of a reservation', () => {
  it('is named with ship and call to those who may know them', () => {
    for (const visibility of ['all', ['acme']] as const) {
      const fault = obstacleFault('METRES_FREE', obstacleOf(row, visibility), 'Europe/Madrid')
      expect(fault.detail).toEqual({
        en: 'JC-1, 15 m to 215.5 m, is reserved for Algeciras Star from 2026-10-25T02:30:00+02:00[Europe/Madrid] to 2026-10-25T02:30:00+01:00[Europe/Madrid]',
        es: 'JC-1, de 15 m a 215,5 m, está reservado para Algeciras Star de 2026-10-25T02:30:00+02:00[Europe/Madrid] a 2026-10-25T02:30:00+01:00[Europe/Madrid]',
      })
      expect(fault.conflictsWith).toMatchObject({ id: row.id, portCallId: row.portCallId })
    }
  })

  it('is metres and a window to everyone else', () => {
    for (const visibility of [['globex'], []]) {
      const fault = obstacleFault('METRES_FREE', obstacleOf(row, visibility), 'Europe/Madrid')
      expect(JSON.stringify(fault)).not.toContain('Algeciras Star')
      expect(fault.conflictsWith).toMatchObject({ fromMetre: 15, toMetre: 215.5, portCallId: null })
    }
  })
})
