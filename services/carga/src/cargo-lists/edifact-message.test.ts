import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CargoListItem } from './cargo-list.ts'
import { readCargoMessage, writeBaplie, writeCoprar } from './edifact-message.ts'

const call = {
  id: '019aa000-0000-7000-8000-0000000000aa',
  UNLocationCode: 'ESALG',
  vesselName: "L'ÉTOILE +1",
  vesselIMONumber: '9074729',
}
const at = new Date('2026-11-28T01:02:00Z')
const asked = { list: 'LOAD', place: 'ESALG' } as const

const item: fc.Arbitrary<CargoListItem> = fc.record({
  equipmentReference: fc.constantFrom('CSQU3054383', 'MWCU6059784', 'APZU4812090'),
  ISOEquipmentCode: fc.constantFrom('22G1', '45R1', 'L5G1'),
  isEmpty: fc.boolean(),
  grossWeight: fc.option(fc.integer({ min: 1, max: 40_000 })),
  portOfLoading: fc.constant('ESALG'),
  portOfDischarge: fc.option(fc.constantFrom('NLRTM', 'SGSIN')),
  bay: fc.constantFrom('001', '023', '042'),
  row: fc.constantFrom('00', '07'),
  tier: fc.constantFrom('02', '82'),
  internalSetpointTemperature: fc.option(
    fc.integer({ min: -400, max: 300 }).map((tenths) => tenths / 10),
  ),
})

describe('a list in UN/EDIFACT', () => {
  it('is read as it was written, as an order and as a plan', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), (items) => {
        const written = { call, list: 'LOAD', items, at } as const
        const plan = readCargoMessage(writeBaplie(written), asked)
        expect(plan).toMatchObject({ message: 'BAPLIE', faults: [] })
        expect(plan.items.map((each) => each.item)).toEqual(items)
        const order = readCargoMessage(writeCoprar(written), asked)
        expect(order).toMatchObject({ message: 'COPRAR', faults: [] })
        const unslotted = items.map((each) => ({ ...each, bay: null, row: null, tier: null }))
        expect(order.items.map((each) => each.item)).toEqual(unslotted)
      }),
      { numRuns: 100 },
    )
  })

  it('is read from a plan as lines send it: those of this port, empty slots passed over', () => {
    const text = `UNB+UNOA:2+LINE+TERM+161128:0930+1'
UNH+1+BAPLIE:D:95B:UN:SMDG22'
BGM++1+9'
DTM+137:1611280930:201'
TDT+20+042E+++MSC:172:20+++3EXX9:103::MSC LONG'
LOC+5+SGSIN:139:6'
LOC+61+ESALG:139:6'
LOC+147+0230482::5'
MEA+VGM++KGM:21400'
TMP+2+-18.0:CEL'
LOC+9+SGSIN:139:6'
LOC+11+ESALG:139:6'
RFF+BM:1'
EQD+CN+CSQU3054383+45R1+++5'
NAD+CA+MSC:172:20'
LOC+147+0230484::5'
LOC+147+0250482::5'
LOC+9+SGSIN:139:6'
LOC+11+NLRTM:139:6'
EQD+CN+MWCU6059784+22G1+++4'
UNT+20+1'
UNZ+1+1'`
    const read = readCargoMessage(text, { list: 'DISCHARGE', place: 'ESALG' })
    expect(read.faults).toEqual([])
    expect(read.items).toEqual([
      {
        row: 1,
        item: {
          equipmentReference: 'CSQU3054383',
          ISOEquipmentCode: '45R1',
          isEmpty: false,
          grossWeight: 21_400,
          portOfLoading: 'SGSIN',
          portOfDischarge: 'ESALG',
          bay: '023',
          row: '04',
          tier: '82',
          internalSetpointTemperature: -18,
        },
      },
    ])
  })

  it('is refused when it is something else', () => {
    const written = { call, list: 'LOAD', items: [], at } as const
    const faultOf = (text: string, list: 'LOAD' | 'DISCHARGE' = 'LOAD') =>
      readCargoMessage(text, { list, place: 'ESALG' }).faults[0]?.detail.en
    expect(faultOf(writeCoprar(written), 'DISCHARGE')).toBe(
      'must be an order of document name 43, not 45',
    )
    expect(faultOf('')).toMatch(/^cannot be read as UN\/EDIFACT/)
    expect(faultOf('<xml/>')).toMatch(/^cannot be read as UN\/EDIFACT/)
    expect(faultOf(writeCoprar(written).replace('COPRAR', 'ORDERS'))).toBe(
      'must hold one message, COPRAR or BAPLIE',
    )
  })
})
