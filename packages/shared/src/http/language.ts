import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

/** The languages that what people read exists in; the first is what callers get who ask for none. */
export const languages = ['en', 'es'] as const
export type Language = (typeof languages)[number]

/** Words for people, in every language. */
export type Text = Readonly<Record<Language, string>>

/** Which language a caller reads best, by `Accept-Language` (RFC 9110 §12.5.4). */
export const languageOf = ({ headers }: Pick<FastifyRequest, 'headers'>): Language => {
  if (headers['accept-language'] === undefined) return languages[0]
  return (
    (new Negotiator({ headers }).language([...languages]) as Language | undefined) ?? languages[0]
  )
}

/** What a text says in a language. */
export const inLanguage = (text: Text, language: Language): string => text[language]

const conjunctions: Record<'and' | 'or', Text> = {
  and: { en: 'and', es: 'y' },
  or: { en: 'or', es: 'o' },
}

/** Codes or names as a person lists them: `A, B or C`, `A, B o C`. */
export const listed = (names: readonly string[], conjunction: 'and' | 'or'): Text => {
  const join = (word: string): string =>
    names.length < 2
      ? names.join('')
      : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1) ?? ''}`
  const { en, es } = conjunctions[conjunction]
  return { en: join(en), es: join(es) }
}
