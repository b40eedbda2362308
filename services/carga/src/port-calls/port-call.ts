import type { Text } from '@porttrack/shared/http/language'

/** The states of a port call of barcos, as far as they matter to cargo. */
const workable: ReadonlySet<string> = new Set(['ALONGSIDE', 'WORKING'])

/** Whether cargo may be loaded and discharged while a call is in a state. */
export const mayBeWorked = (state: string): boolean => workable.has(state)

/** How sure carga can be of a port call: it knows what barcos had told until `asOf`. */
export type Knowledge = { asOf: string | null; ageSeconds: number | null }

/**
 * How old what is known of barcos is.
 *
 * @param readAt until when everything that barcos told is known; null when it never was
 * @param now milliseconds since 1970
 */
export const knowledgeAt = (readAt: Date | null, now: number): Knowledge =>
  readAt === null
    ? { asOf: null, ageSeconds: null }
    : {
        asOf: readAt.toISOString(),
        // The clock of another replica may be ahead.
        ageSeconds: Math.max(0, Math.round((now - readAt.getTime()) / 1_000)),
      }

/** The age of knowledge in words, for a refusal that rests on it. */
export const ageText = ({ ageSeconds }: Knowledge): Text =>
  ageSeconds === null
    ? {
        en: 'barcos has never been read to the end',
        es: 'nunca se ha leído barcos hasta el final',
      }
    : { en: `known ${ageSeconds} s ago`, es: `conocido hace ${ageSeconds} s` }
