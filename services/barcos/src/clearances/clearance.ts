import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { Type } from 'typebox'

/** Whose word a ship needs before it may leave. */
export const authorities = {
  CUSTOMS: { en: 'customs', es: 'aduana' },
  HEALTH: { en: 'health', es: 'sanidad exterior' },
  SECURITY: { en: 'security', es: 'protección portuaria' },
  IMMIGRATION: { en: 'immigration', es: 'control de fronteras' },
  DUES: { en: 'port dues', es: 'tasas portuarias' },
} as const satisfies Record<string, Text>
export type Authority = keyof typeof authorities
export const authorityNames = Object.keys(authorities) as Authority[]

/** An authority's word about a ship that wants to leave. */
export const clearanceLifecycle = defineLifecycle({
  of: 'clearance',
  states: {
    PENDING: 'the authority has not decided',
    GRANTED: 'the ship may leave, as far as this authority is concerned',
    REFUSED: 'the ship may not leave',
  },
  actions: {
    grant: {
      from: ['PENDING', 'REFUSED'],
      to: 'GRANTED',
      meaning: 'the authority lets the ship go',
    },
    refuse: {
      from: ['PENDING', 'GRANTED'],
      to: 'REFUSED',
      meaning: 'the authority keeps the ship, with a reason; withdraws an authorised departure',
    },
  },
})
export const clearanceStates = clearanceLifecycle.stateNames
export type ClearanceState = (typeof clearanceStates)[number]

export const clearanceErrors = defineErrors({
  CLEARANCE_NOT_OPEN: {
    status: 409,
    title: {
      en: 'Clearances are decided while the call is open',
      es: 'Los despachos se deciden mientras la escala está abierta',
    },
  },
})

const oneAuthority = `(?:${authorityNames.join('|')})`

/** Setting with the authorities whose clearance a call needs. */
export const clearancesSetting = Type.String({
  default: authorityNames.join(','),
  pattern: `^(?:NONE|${oneAuthority}(?:,${oneAuthority})*)$`,
  description: `Authorities whose clearance a ship needs before it departs, separated by commas: ${authorityNames.join(', ')}; or NONE`,
})

/** The authorities that a setting names, each once. */
export const requiredAuthorities = (setting: string): Authority[] =>
  authorityNames.filter((name) => setting.split(',').includes(name))
