import { describe, expect, it } from 'vitest'
import { certificateFaults, certificateState } from './vessel-certificate.ts'

const on = (today: string) => ({ today, notice: 60 })
const state = (expiresOn: string | null, today: string, withdrawn = false) =>
  certificateState({ expiresOn, withdrawn }, on(today))

describe('the state of a certificate', () => {
  it('is EXPIRING in the days of notice, and EXPIRED after its last day', () => {
    expect(state('2026-06-30', '2026-04-30')).toBe('VALID')
    expect(state('2026-06-30', '2026-05-01')).toBe('EXPIRING')
    expect(state('2026-06-30', '2026-06-30')).toBe('EXPIRING')
    expect(state('2026-06-30', '2026-07-01')).toBe('EXPIRED')
  })

  it('is VALID for good without an expiry, and WITHDRAWN whatever its days', () => {
    expect(state(null, '2999-01-01')).toBe('VALID')
    expect(state('2030-01-01', '2026-01-01', true)).toBe('WITHDRAWN')
  })
})

describe('the days of a certificate', () => {
  const pointers = (issuedOn: string, expiresOn?: string) =>
    certificateFaults({ issuedOn, expiresOn }, '2026-06-15').map(({ pointer }) => pointer)

  it('begin today or before, and end after they begin', () => {
    expect(pointers('2026-06-15', '2026-06-15')).toEqual([])
    expect(pointers('2026-06-16')).toEqual([])
    expect(pointers('2026-06-17', '2026-06-16')).toEqual(['#/issuedOn', '#/expiresOn'])
  })
})
