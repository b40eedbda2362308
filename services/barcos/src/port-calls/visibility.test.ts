import { describe, expect, it } from 'vitest'
import { sees, visibilityOf } from './visibility.ts'

const user = (roles: string[], organization: string | null) =>
  visibilityOf({ kind: 'user', subject: 'u', roles, scopes: [], organization, sessionEnds: 0 })
const machine = (organization: string | null) =>
  visibilityOf({
    kind: 'machine',
    subject: 'm',
    roles: [],
    scopes: [],
    organization,
    sessionEnds: 0,
  })

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
