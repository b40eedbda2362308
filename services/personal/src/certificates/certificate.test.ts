import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certificateFaults, certificateStateOn } from './certificate.ts'

const on = (day: string, expires: string | null, revoked = false) =>
  certificateStateOn({ expires, revoked }, day)

describe('the state of a certificate', () => {
  it('is good on its last day, and expiring from 60 days before', () => {
    expect(on('2026-01-01', '2026-03-03')).toBe('VALID')
    expect(on('2026-01-02', '2026-03-03')).toBe('EXPIRING')
    expect(on('2026-03-03', '2026-03-03')).toBe('EXPIRING')
    expect(on('2026-03-04', '2026-03-03')).toBe('EXPIRED')
  })

  it('is not changed by the day without a last one, nor once it is revoked', () => {
    expect(on('2999-12-31', null)).toBe('VALID')
    expect(on('2026-01-01', '2027-01-01', true)).toBe('REVOKED')
    expect(on('2028-01-01', '2027-01-01', true)).toBe('REVOKED')
  })

  it('only goes on as days pass', () => {
    const order = ['VALID', 'EXPIRING', 'EXPIRED']
    const dayAfter = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000 }), fc.nat(200), fc.nat(200), (end, a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((more) =>
          order.indexOf(on(dayAfter(end - 100 + more), dayAfter(end))),
        )
        expect(early).toBeLessThanOrEqual(late ?? -1)
      }),
    )
  })
})

describe('a certificate', () => {
  const pointersOf = (issued: string, expires: string | null) =>
    certificateFaults({ type: 'MEDICAL', number: '1', issued, expires }, '2026-06-15').map(
      ({ pointer }) => pointer,
    )

  it('ends after it begins, and has begun', () => {
    expect(pointersOf('2026-06-15', '2026-06-15')).toEqual([])
    expect(pointersOf('2026-06-16', null)).toEqual([])
    expect(pointersOf('2026-06-17', '2026-06-16')).toEqual(['#/issued', '#/expires'])
  })
})
