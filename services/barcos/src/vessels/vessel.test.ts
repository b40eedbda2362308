import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  identityWarnings,
  nameKeyOf,
  readIdentity,
  stateFaults,
  vesselActions,
  vesselLifecycle,
} from './vessel.ts'

describe('the identity of a vessel', () => {
  it('is read into the form it is stored in', () => {
    const given = {
      vesselIMONumber: 'IMO 9074729',
      MMSINumber: '224000001',
      callSign: 'ec ab',
      flag: 'ES',
    }
    expect(readIdentity(given)).toEqual({
      identity: {
        vesselIMONumber: '9074729',
        MMSINumber: '224000001',
        callSign: 'ECAB',
        flag: 'ES',
      },
      faults: [],
    })
  })

  it('has every fault named at once', () => {
    const given = {
      vesselIMONumber: '9074728',
      MMSINumber: '002240001',
      callSign: 'ABCDEFGHIJK',
      flag: 'UK',
    }
    expect(readIdentity(given).faults.map(({ pointer }) => pointer)).toEqual([
      '#/vesselIMONumber',
      '#/MMSINumber',
      '#/callSign',
      '#/flag',
    ])
  })

  it('needs an IMO number or an MMSI', () => {
    expect(readIdentity({ callSign: 'ECAB', flag: 'ES' }).faults).toEqual([
      {
        pointer: '#',
        detail: expect.objectContaining({ es: 'necesita vesselIMONumber, MMSINumber o ambos' }),
      },
    ])
    expect(readIdentity({ MMSINumber: '224000001' }).faults).toEqual([])
    expect(readIdentity({ vesselIMONumber: '9074729' }).faults).toEqual([])
  })

  it('has either a value or a fault for each part that is given', () => {
    const text = fc.string({ maxLength: 12 })
    const parts = fc.record(
      { vesselIMONumber: text, MMSINumber: text, callSign: text, flag: text },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(parts, (given) => {
        const { identity, faults } = readIdentity(given)
        for (const name of Object.keys(given)) {
          const faulty = faults.some(({ pointer }) => pointer === `#/${name}`)
          expect(identity[name as keyof typeof identity] === null).toBe(faulty)
        }
      }),
    )
  })
})

describe('warnings about an identity', () => {
  const plain = { vesselIMONumber: null, MMSINumber: '224000001', callSign: 'ECAB', flag: 'ES' }

  it('are none for a usual one, nor for what is not known', () => {
    expect(identityWarnings(plain)).toEqual([])
    expect(identityWarnings({ ...plain, flag: null, callSign: null })).toEqual([])
    expect(identityWarnings({ ...plain, MMSINumber: null, vesselIMONumber: '9074729' })).toEqual([])
  })

  it('say that MMSI and flag differ, and that a call sign is unusual', () => {
    expect(identityWarnings({ ...plain, flag: 'PA', callSign: 'X' })).toEqual([
      {
        pointer: '#/MMSINumber',
        detail: {
          en: 'begins with a MID of ES, while the flag is PA',
          es: 'empieza por un MID de ES y el pabellón es PA',
        },
      },
      expect.objectContaining({ pointer: '#/callSign' }),
    ])
  })
})

describe('the key of a name', () => {
  it('is the same however the name is typed', () => {
    expect(nameKeyOf('  Ever  Given ')).toBe('EVER GIVEN')
  })
})

describe('the states of a vessel', () => {
  it('go on from each other along the table until the ship is scrapped, whatever is tried', () => {
    const tried = fc.array(fc.constantFrom(...vesselActions), { maxLength: 20 })
    fc.assert(
      fc.property(tried, (actions) => {
        let [state = 'ACTIVE' as const] = vesselLifecycle.stateNames
        let scrapped = false
        for (const action of actions) {
          const next = vesselLifecycle.nextState(state, action)
          if (scrapped) expect(next).toBeNull()
          if (next === null) continue
          expect(vesselLifecycle.actions[action].from).toContain(state)
          state = next
          scrapped ||= action === 'scrap'
        }
        expect(vesselLifecycle.hasEnded(state)).toBe(scrapped)
      }),
    )
  })

  it('need a reason for a detention, and for no other', () => {
    for (const state of vesselLifecycle.stateNames) {
      const faults = stateFaults({ state })
      expect(faults.map(({ code }) => code)).toEqual(
        state === 'DETAINED' ? ['DETENTION_REASONED'] : [],
      )
      expect(stateFaults({ state, stateReason: 'no charts' })).toEqual([])
    }
    expect(stateFaults({})).toEqual([])
  })
})
