import type { Knowledge } from '@porttrack/shared/events/knowledge'
import type { Text } from '@porttrack/shared/http/language'

/** The states of a port call of barcos, as far as they matter to cargo. */
const workable: ReadonlySet<string> = new Set(['ALONGSIDE', 'WORKING'])

/** Whether cargo may be loaded and discharged while a call is in a state. */
export const mayBeWorked = (state: string): boolean => workable.has(state)

/** The age of knowledge in words, for a refusal that rests on it. */
export const ageText = ({ ageSeconds }: Knowledge): Text =>
  ageSeconds === null
    ? {
        en: 'barcos has never been read to the end',
        es: 'nunca se ha leído barcos hasta el final',
      }
    : { en: `known ${ageSeconds} s ago`, es: `conocido hace ${ageSeconds} s` }
