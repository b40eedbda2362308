import { expect, it } from 'vitest'
import { shipTypeCategory } from './ship-type.ts'

it.each([
  [70, 'cargo'],
  [79, 'cargo'],
  [80, 'tanker'],
  [89, 'tanker'],
  [60, 'passenger'],
  [69, 'passenger'],
  [50, 'pilot'],
  [52, 'tug'],
  [31, 'towing'],
  [32, 'towing'],
  [33, 'dredging'],
  [55, 'law-enforcement'],
  [30, 'fishing'],
  [39, 'unknown'],
  [45, 'high-speed-craft'],
  [20, 'wing-in-ground'],
  [99, 'other'],
  [100, 'unknown'],
  [170, 'unknown'],
  [255, 'unknown'],
  [0, 'unknown'],
  [null, 'unknown'],
])('shipTypeCategory(%j) is %s', (shipType, category) => {
  expect(shipTypeCategory(shipType)).toBe(category)
})
