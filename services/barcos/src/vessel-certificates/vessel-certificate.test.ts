import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  certificateFaults,
  certificateState,
  certificateStates,
  type CertificateType,
  certificateTypeNames,
  certificateTypes,
} from './vessel-certificate.ts'

const state = (expiresOn: string | null, on: string, withdrawn = false) =>
  certificateState({ expiresOn, withdrawn }, { on, notice: 60 })

const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const notice = fc.integer({ min: 1, max: 366 })

describe('the state of a certificate', () => {
  it('is EXPIRING in the days of notice, and EXPIRED after its last day', () => {
    expect(state('2026-06-30', '2026-04-30')).toBe('VALID')
    expect(state('2026-06-30', '2026-05-01')).toBe('EXPIRING')
    expect(state('2026-06-30', '2026-06-30')).toBe('EXPIRING')
    expect(state('2026-06-30', '2026-07-01')).toBe('EXPIRED')
  })

  it('counts the days across the end of a February', () => {
    expect(state('2028-03-01', '2028-01-01')).toBe('EXPIRING')
    expect(state('2028-03-01', '2027-12-31')).toBe('VALID')
    expect(state('2027-03-01', '2026-12-31')).toBe('EXPIRING')
  })

  it('never goes back as days go by', () => {
    fc.assert(
      fc.property(day, day, day, notice, (one, other, expiresOn, given) => {
        const rank = (on: string) =>
          certificateStates.indexOf(
            certificateState({ expiresOn, withdrawn: false }, { on, notice: given }),
          )
        const [earlier, later] = one < other ? [one, other] : [other, one]
        expect(rank(earlier)).toBeLessThanOrEqual(rank(later))
      }),
    )
  })

  it('is VALID for good without an expiry, and WITHDRAWN whatever its days', () => {
    expect(state(null, '2999-01-01')).toBe('VALID')
    fc.assert(
      fc.property(fc.option(day), day, (expiresOn, on) => {
        expect(state(expiresOn, on, true)).toBe('WITHDRAWN')
      }),
    )
  })
})

describe('the days of a certificate', () => {
  const pointers = (type: CertificateType, issuedOn: string, expiresOn?: string) =>
    certificateFaults({ type, issuedOn, expiresOn }, '2026-06-15').map(({ pointer }) => pointer)

  it('begin today or before, and end after they begin', () => {
    expect(pointers('MLC', '2026-06-15', '2026-06-15')).toEqual([])
    expect(pointers('MLC', '2026-06-16', '2026-06-16')).toEqual([])
    expect(pointers('MLC', '2026-06-17', '2026-06-16')).toEqual(['#/issuedOn', '#/expiresOn'])
  })

  it('have an end, but for those that may hold for good', () => {
    const lasting = certificateTypeNames.filter((type) => pointers(type, '2026-06-15').length === 0)
    expect(lasting).toEqual(['REGISTRY', 'TONNAGE', 'GRAIN', 'SAFE_MANNING', 'IEE', 'ANTI_FOULING'])
  })
})

describe('the types of certificates', () => {
  it('have a name in each language, which no other has', () => {
    const types = Object.values(certificateTypes)
    for (const language of ['en', 'es'] as const) {
      expect(new Set(types.map((type) => type[language])).size).toBe(types.length)
    }
  })
})
