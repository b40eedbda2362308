import { roles } from '@porttrack/shared/auth/access'
import type { Caller } from '@porttrack/shared/auth/caller'
import { describe, expect, it } from 'vitest'
import type { Employee } from './employee.schema.ts'
import { isWithin, maySeeField, personalFields, scopeOf, seenBy } from './personal-data.ts'

const callerWith = (change: Partial<Caller>): Caller => ({
  kind: 'user',
  subject: 'someone',
  roles: [],
  scopes: [],
  organization: null,
  sessionEnds: 0,
  ...change,
})
const employee: Employee = {
  id: '0190a000-0000-7000-8000-000000000000',
  personnelNumber: 'P-1',
  givenName: 'Ana',
  familyName: 'Pérez',
  email: 'ana@example.com',
  phone: '+34600000000',
  organization: 'pilots',
  roles: ['PILOT'],
  skills: ['LNG'],
  restProfile: 'STCW_MLC',
  state: 'INACTIVE',
  deactivation: { reason: 'on leave', at: '2026-01-01T00:00:00.000Z', by: 'someone' },
  erasedAt: null,
  version: 2,
  registeredAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
}
const bare = {
  ...employee,
  givenName: null,
  familyName: null,
  email: null,
  phone: null,
  deactivation: null,
}

describe('personal data', () => {
  it('are names, contact and why someone is away', () => {
    expect(personalFields).toEqual(['givenName', 'familyName', 'email', 'phone', 'deactivation'])
  })

  it.each(roles)('%s sees each field or none of them', (role) => {
    const seeing = ['admin', 'harbour-master', 'staff-planner'].includes(role)
    const caller = callerWith({ roles: [role] })
    expect(personalFields.map((field) => maySeeField(caller, field))).toEqual(
      personalFields.map(() => seeing),
    )
    expect(seenBy(caller, employee)).toEqual(seeing ? employee : bare)
  })

  it('are not for machines, services and those without a role', () => {
    for (const caller of [
      callerWith({}),
      callerWith({ kind: 'machine', scopes: ['personal/read', 'personal/write'] }),
      callerWith({ kind: 'service', subject: 'barcos' }),
    ]) {
      expect(seenBy(caller, employee)).toEqual(bare)
    }
  })
})

describe('whose people someone knows of', () => {
  it('is everyone’s for the port, and one’s own for a provider', () => {
    const provider = { roles: ['service-provider'] }
    expect(scopeOf(callerWith({ roles: ['viewer'] }))).toBe('all')
    expect(scopeOf(callerWith({ roles: ['staff-planner'], organization: 'tugs' }))).toBe('all')
    expect(scopeOf(callerWith(provider))).toBe('none')
    expect(scopeOf(callerWith({ ...provider, organization: 'tugs' }))).toEqual({
      organization: 'tugs',
    })
    expect(scopeOf(callerWith({ kind: 'machine' }))).toBe('all')
    expect(scopeOf(callerWith({ kind: 'machine', organization: 'tugs' }))).toEqual({
      organization: 'tugs',
    })
  })

  it('leaves out those of nobody and of others', () => {
    expect([null, 'tugs', 'pilots'].map((of) => isWithin({ organization: 'tugs' }, of))).toEqual([
      false,
      true,
      false,
    ])
    expect(isWithin('all', null)).toBe(true)
    expect(isWithin('none', null)).toBe(false)
  })
})
