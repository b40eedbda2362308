import { holds } from '@porttrack/shared/auth/access'
import type { Caller } from '@porttrack/shared/auth/caller'
import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { access } from '../access.ts'

/** Who may keep a container where it is. */
export const holdAuthorities = {
  CUSTOMS: { en: 'customs', es: 'aduana' },
  HEALTH: { en: 'health', es: 'sanidad exterior' },
  LINE: { en: 'the line', es: 'la naviera' },
  TERMINAL: { en: 'the terminal', es: 'la terminal' },
} as const satisfies Record<string, Text>
export type HoldAuthority = keyof typeof holdAuthorities
export const holdAuthorityNames = Object.keys(holdAuthorities) as HoldAuthority[]

export const holdLifecycle = defineLifecycle({
  of: 'hold',
  states: {
    PLACED: 'the container is neither loaded nor let out of the gate',
    RELEASED: 'the authority that placed it has lifted it',
  },
  actions: {
    release: {
      from: ['PLACED'],
      to: 'RELEASED',
      meaning: 'only for the authority that placed it, with a reason',
    },
  },
})
export const holdStates = holdLifecycle.stateNames

export const holdErrors = defineErrors({
  HOLD_RELEASED: {
    status: 409,
    title: { en: 'The hold was released already', es: 'La retención ya se levantó' },
  },
  HOLD_OF_ANOTHER_AUTHORITY: {
    status: 403,
    title: {
      en: 'Only the authority itself places and releases its holds',
      es: 'Solo la propia autoridad impone y levanta sus retenciones',
    },
  },
})

/** The permission that each authority acts by. */
const permissionOf = {
  CUSTOMS: 'hold:customs',
  HEALTH: 'hold:health',
  LINE: 'hold:line',
  TERMINAL: 'hold:terminal',
} as const satisfies Record<HoldAuthority, keyof typeof access.grants>

/** Whether a caller speaks for an authority. */
export const speaksFor = (caller: Caller, authority: HoldAuthority): boolean =>
  holds(caller, access.grants[permissionOf[authority]])
