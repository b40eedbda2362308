import { describe, expect, it } from 'vitest'
import { type BerthLimits, deepestDraft, isMisfit, misfits, type Ship } from './berth-fit.ts'
import { isWithinClass } from './dangerous-goods-class.ts'
import { marginsOf } from './margins.ts'

const settings = {
  BERTH_GAP_METRES: 15,
  BERTH_GAP_SHARE: 0.1,
  UNDER_KEEL_CLEARANCE_METRES: 0,
  UNDER_KEEL_CLEARANCE_SHARE: 0.1,
  AIR_DRAFT_MARGIN_METRES: 1,
  TIDE_ALLOWANCE_METRES: 0,
}
const ship: Ship = {
  lengthOverall: 200,
  beam: 32,
  draft: 10,
  airDraft: 40,
  deadweight: 50_000,
  type: 'CONT',
  UNLocationCode: 'ESALG',
}
const berth: BerthLimits = {
  UNLocationCode: 'ESALG',
  state: 'OPEN',
  quayLength: 240,
  depth: 11,
  maximumLengthOverall: 200,
  maximumBeam: 32,
  maximumDraft: 10,
  maximumDeadweight: 50_000,
  overheadClearance: 41,
  vesselTypes: ['CONT'],
  dangerousGoodsClasses: ['3'],
  reeferPlugs: 10,
}
const noText = { en: '', es: '' }
const cargo = { dangerousGoodsClasses: ['3'], reefers: 10 }

type Given = {
  ship?: Partial<Ship>
  berth?: Partial<BerthLimits>
  settings?: Partial<typeof settings>
  predictedTide?: number
  hull?: { fromMetre: number; toMetre: number }
}
const unmet = (given: Given) =>
  misfits({
    ship: { ...ship, ...given.ship },
    berth: { ...berth, ...given.berth },
    cargo,
    margins: marginsOf({ ...settings, ...given.settings }),
    predictedTide: given.predictedTide ?? null,
    hull: given.hull,
  }).map(({ code }) => code)

describe('a ship that is all that a berth takes', () => {
  it('fits it, and does not with anything more', () => {
    expect(unmet({})).toEqual([])
    const more: [string[], Given][] = [
      [['LENGTH_WITHIN_LIMIT', 'LENGTH_FITS_QUAY'], { ship: { lengthOverall: 200.1 } }],
      [['DRAFT_WITHIN_DEPTH', 'DRAFT_WITHIN_LIMIT'], { ship: { draft: 10.01 } }],
      [['BEAM_WITHIN_LIMIT'], { ship: { beam: 32.01 } }],
      [['AIR_DRAFT_WITHIN_CLEARANCE'], { ship: { airDraft: 40.01 } }],
      [['DEADWEIGHT_WITHIN_LIMIT'], { ship: { deadweight: 50_001 } }],
      [['VESSEL_TYPE_ACCEPTED'], { ship: { type: 'BULK' } }],
      [['LENGTH_FITS_QUAY'], { berth: { quayLength: 239.9 } }],
      [['REEFER_PLUGS_SUFFICE'], { berth: { reeferPlugs: null } }],
      [['DANGEROUS_GOODS_ACCEPTED'], { berth: { dangerousGoodsClasses: [] } }],
      [['HULL_WITHIN_METRES'], { hull: { fromMetre: 20, toMetre: 219.9 } }],
      [['GAP_TO_QUAY_ENDS'], { hull: { fromMetre: 20.1, toMetre: 220.1 } }],
    ]
    for (const [codes, given] of more) expect(unmet(given)).toEqual(codes)
  })

  it('is judged by the port’s own margins', () => {
    expect(unmet({ settings: { BERTH_GAP_METRES: 21 } })).toEqual(['LENGTH_FITS_QUAY'])
    expect(unmet({ settings: { BERTH_GAP_SHARE: 0.11 } })).toEqual(['LENGTH_FITS_QUAY'])
    expect(unmet({ settings: { UNDER_KEEL_CLEARANCE_SHARE: 0.2 } })).toEqual(['DRAFT_WITHIN_DEPTH'])
    expect(unmet({ settings: { UNDER_KEEL_CLEARANCE_METRES: 1.1 } })).toEqual([
      'DRAFT_WITHIN_DEPTH',
    ])
    expect(unmet({ settings: { AIR_DRAFT_MARGIN_METRES: 2 } })).toEqual([
      'AIR_DRAFT_WITHIN_CLEARANCE',
    ])
    expect(unmet({ settings: { TIDE_ALLOWANCE_METRES: -0.5 } })).toEqual(['DRAFT_WITHIN_DEPTH'])
    const tides = { settings: { TIDE_ALLOWANCE_METRES: -0.5 }, predictedTide: 0 }
    expect(unmet(tides)).toEqual([])
  })
})

describe('the draft that counts', () => {
  it('is the deepest declared one, or what the ship can have where none is', () => {
    const declared = { declaredArrivalDraft: 9, declaredDepartureDraft: 11 }
    expect(deepestDraft(declared, 14)).toBe(11)
    expect(deepestDraft({ ...declared, declaredDepartureDraft: null }, 14)).toBe(9)
    const none = { declaredArrivalDraft: null, declaredDepartureDraft: null }
    expect(deepestDraft(none, 14)).toBe(14)
    expect(deepestDraft(none, null)).toBeNull()
  })
})

describe('a class of dangerous goods', () => {
  it('takes its divisions, and a division its compatibility groups', () => {
    for (const accepted of ['1', '1.4', '1.4S']) expect(isWithinClass('1.4S', accepted)).toBe(true)
    expect(isWithinClass('1.4', '1.4S')).toBe(false)
    expect(isWithinClass('1.4S', '1.5')).toBe(false)
    expect(isWithinClass('3', '3')).toBe(true)
  })
})

describe('a fault', () => {
  it('is a misfit when it is of the berth, and not of who else lies there', () => {
    expect(isMisfit({ pointer: '#', code: 'BERTH_OPEN', detail: noText })).toBe(true)
    expect(isMisfit({ pointer: '#', code: 'METRES_FREE', detail: noText })).toBe(false)
    expect(isMisfit({ pointer: '#', detail: noText })).toBe(false)
  })
})
