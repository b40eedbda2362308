import { describe, expect, it } from 'vitest'
import { sees, visibilityOf } from './visibility.ts'

type Permission = Parameters<typeof visibilityOf>[1]

const user = (
  roles: string[],
  organization: string | null,
  permission: Permission = 'port-call:read',
) =>
  visibilityOf(
    { kind: 'user', subject: 'u', roles, scopes: [], organization, sessionEnds: 0 },
    permission,
  )
const machine = (organization: string | null) =>
  visibilityOf(
    { kind: 'machine', subject: 'm', roles: [], scopes: [], organization, sessionEnds: 0 },
    'port-call:read',
  )

describe('whose calls a caller sees', () => {
  it('is one organisation’s for agents and service providers', () => {
    expect(user(['agent'], 'acme')).toEqual(['acme'])
    expect(user(['agent', 'service-provider'], 'acme')).toEqual(['acme'])
    expect(user(['service-provider'], null)).toEqual([])
  })

  it('is everyone’s for the port’s people, also for one who is agent besides', () => {
    expect(user(['harbour-master'], null)).toBe('all')
    expect(user(['agent', 'harbour-master'], 'acme')).toBe('all')
    expect(user(['viewer'], 'acme')).toBe('all')
  })

  it('is one organisation’s for what only the role of an agent or service provider allows', () => {
    for (const permission of ['port-call:announce', 'port-call:amend'] as const) {
      expect(user(['agent', 'viewer'], 'acme', permission)).toEqual(['acme'])
      expect(user(['viewer', 'agent'], null, permission)).toEqual([])
      expect(user(['agent', 'harbour-master'], 'acme', permission)).toBe('all')
    }
    expect(user(['service-provider', 'gate-clerk'], 'acme', 'timestamp:record')).toEqual(['acme'])
    expect(user(['agent', 'terminal-planner'], 'acme', 'timestamp:record')).toBe('all')
  })

  it('is everyone’s for the port’s machines and one organisation’s for theirs', () => {
    expect(machine(null)).toBe('all')
    expect(machine('acme')).toEqual(['acme'])
  })

  it('holds for each organisation', () => {
    expect(sees('all', 'acme')).toBe(true)
    expect(sees(['acme'], 'acme')).toBe(true)
    expect(sees(['acme'], 'globex')).toBe(false)
    expect(sees([], 'acme')).toBe(false)
  })
})
