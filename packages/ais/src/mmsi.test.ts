import { expect, it } from 'vitest'
import { vesselMmsiKind } from './mmsi.ts'

it.each([
  ['224123456', 'ship'],
  ['201000000', 'ship'],
  ['775999999', 'ship'],
  ['200000000', 'unknown'],
  ['776000000', 'unknown'],
  ['022412345', 'group'],
  ['002241234', 'coast-station'],
  ['000000001', 'unknown'],
  ['111224001', 'sar-aircraft'],
  ['111000001', 'unknown'],
  ['822412345', 'handheld'],
  ['982241234', 'craft'],
  ['992241234', 'aid'],
  ['970112345', 'sart'],
  ['972112345', 'mob'],
  ['974112345', 'epirb'],
  ['971112345', 'unknown'],
  ['22412345', 'unknown'],
  ['2241234567', 'unknown'],
  ['', 'unknown'],
])('vesselMmsiKind(%j) is %s', (mmsi, kind) => {
  expect(vesselMmsiKind(mmsi)).toBe(kind)
})
