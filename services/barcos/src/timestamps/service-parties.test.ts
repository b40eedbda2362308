import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifiers, serviceTypes } from './port-call-matrix.ts'
import { parties, partiesOf, partyOf, serviceSides, speakerOf } from './service-parties.ts'

const caller = (given: object) => ({
  kind: 'user' as const,
  subject: 'someone',
  roles: [] as string[],
  scopes: [] as string[],
  organization: null as string | null,
  sessionEnds: 0,
  ...given,
})
const call = {
  agentOrganization: 'acme',
  carrierOrganization: 'line',
  terminalOrganization: 'quay',
  orders: [
    { providerOrganization: 'pilots', serviceType: 'PILOTAGE' },
    { providerOrganization: 'tugs', serviceType: 'TOWAGE' },
  ],
}

describe('the sides of a service', () => {
  it('are never one: nobody agrees with itself', () => {
    for (const service of serviceTypes) {
      const { providers, consumers } = serviceSides[service]
      expect(providers.filter((party) => consumers.includes(party))).toEqual([])
      expect(providers.length).toBeGreaterThan(0)
    }
  })

  it('say REQ as consumers and everything else as providers', () => {
    const given = fc.record({
      portCallServiceTypeCode: fc.constantFrom(...serviceTypes),
      classifierCode: fc.constantFrom(...classifiers),
      onBehalfOf: fc.constantFrom(undefined, ...parties),
    })
    fc.assert(
      fc.property(given, fc.subarray([...parties]), (said, own) => {
        const { providers, consumers } = serviceSides[said.portCallServiceTypeCode]
        const allowed = said.classifierCode === 'REQ' ? consumers : providers
        const named = said.onBehalfOf === undefined ? allowed : [said.onBehalfOf]
        const possible = allowed.filter((each) => own.includes(each) && named.includes(each))
        const found = partyOf(said, own)
        if (possible.length === 0)
          expect(found).toMatchObject({ fault: { code: 'SIDE_OF_SERVICE' } })
        else expect(found).toEqual({ party: possible[0] })
      }),
    )
  })
})

describe('docs/port-call-services.md', () => {
  it('has both sides of each service', () => {
    const path = new URL('../../../../docs/port-call-services.md', import.meta.url)
    const rows = readFileSync(path, 'utf8')
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name)),
      )
      .flatMap(([service, providers, consumers]) =>
        service?.[0] && consumers ? [[service[0], { providers, consumers }] as const] : [],
      )
    expect(Object.fromEntries(rows)).toEqual(serviceSides)
  })
})

describe('whom a caller speaks for', () => {
  it.each([
    ['the office', { roles: ['harbour-master'] }, 'BERTH', [...parties]],
    ['the port’s own system', { kind: 'machine' }, 'PILOTAGE', [...parties]],
    ['the call’s agent', { roles: ['agent'], organization: 'acme' }, 'BERTH', ['SHIP']],
    ['another agent', { roles: ['agent'], organization: 'globex' }, 'BERTH', []],
    ['an agent without organisation', { roles: ['agent'] }, 'BERTH', []],
    ['the agent’s system', { kind: 'machine', organization: 'acme' }, 'BERTH', ['SHIP']],
    ['a viewer of the agent', { roles: ['viewer'], organization: 'acme' }, 'BERTH', []],
    ['the terminal', { roles: ['terminal-planner'] }, 'CARGO_OPERATIONS', ['TERMINAL']],
    ['the carrier’s system', { kind: 'machine', organization: 'line' }, 'BERTH', ['SHIP']],
    ['the terminal’s system', { kind: 'machine', organization: 'quay' }, 'BERTH', ['TERMINAL']],
    ['another terminal’s system', { kind: 'machine', organization: 'dock' }, 'BERTH', []],
    [
      'who has the order',
      { roles: ['service-provider'], organization: 'pilots' },
      'PILOTAGE',
      ['SERVICE_PROVIDER'],
    ],
    [
      'who has another order',
      { roles: ['service-provider'], organization: 'pilots' },
      'TOWAGE',
      [],
    ],
    [
      'the pilots at their boarding place',
      { kind: 'machine', organization: 'pilots' },
      'PILOT_BOARDING_PLACE',
      ['SERVICE_PROVIDER'],
    ],
  ] as const)('is for %s', (_who, given, service, expected) => {
    expect(partiesOf(speakerOf(caller(given)), service, call)).toEqual(expected)
  })
})
