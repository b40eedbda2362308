import { describe, expect, it } from 'vitest'
import { isoEquipmentCodeFault, isThermal } from './iso-equipment-code.ts'

describe('a container’s size and type', () => {
  it('is a length, a height with width and a type or a group of types', () => {
    for (const code of ['22G1', '22GP', '45R1', 'L5G1', '25UT', '42P3', '22TN', '4CG1', 'P9A0']) {
      expect(isoEquipmentCodeFault(code)).toBeNull()
    }
  })

  it('is refused naming what ISO 6346 does not know', () => {
    expect(isoEquipmentCodeFault('52G1')?.en).toContain('length 5')
    expect(isoEquipmentCodeFault('23G1')?.en).toContain('height 3')
    expect(isoEquipmentCodeFault('22X1')?.en).toContain('type X1')
    expect(isoEquipmentCodeFault('22GX')?.en).toContain('type GX')
    expect(isoEquipmentCodeFault('22PG')?.en).toContain('type PG')
    for (const code of ['', '22G', '22G10']) {
      expect(isoEquipmentCodeFault(code)?.en).toContain('four characters')
    }
  })

  it('says whether the container keeps a temperature', () => {
    expect(['45R1', '22HI', '22G1', 'R5G1'].map(isThermal)).toEqual([true, true, false, false])
  })
})
