import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { listed, type Text } from './language.ts'

const parser = new RegExpParser()

const both = (text: string): Text => ({ en: text, es: text })

/** Sets of characters that people have a name for: one of them, and several. */
const named: Readonly<Record<string, { one: Text; many: Text }>> = {
  '0-9': { one: { en: 'digit', es: 'cifra' }, many: { en: 'digits', es: 'cifras' } },
  'A-Z': {
    one: { en: 'capital letter (A–Z)', es: 'letra mayúscula (A–Z)' },
    many: { en: 'capital letters (A–Z)', es: 'letras mayúsculas (A–Z)' },
  },
  'a-z': {
    one: { en: 'small letter (a–z)', es: 'letra minúscula (a–z)' },
    many: { en: 'small letters (a–z)', es: 'letras minúsculas (a–z)' },
  },
}

/** Patterns that ask for something that is seen, whatever it is. */
const visible = new Map<string, Text>([
  [String.raw`\S`, { en: 'must not be blank', es: 'no debe estar en blanco' }],
  [
    String.raw`^\S(?:.*\S)?$`,
    {
      en: 'must be one line that neither begins nor ends with a blank',
      es: 'debe ser una sola línea que no empiece ni termine con un espacio',
    },
  ],
  [
    String.raw`^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$`,
    {
      en: 'must not be blank, nor contain line breaks or other control characters',
      es: 'no debe estar en blanco ni contener saltos de línea u otros caracteres de control',
    },
  ],
  [
    String.raw`^[^\p{Cc}\s](?:[^\p{Cc}]*[^\p{Cc}\s])?$`,
    {
      en: 'must neither begin nor end with a blank, nor contain line breaks or other control characters',
      es: 'no debe empezar ni terminar con un espacio, ni contener saltos de línea u otros caracteres de control',
    },
  ],
  [
    String.raw`^[^\p{Cc}]*$`,
    {
      en: 'must not contain line breaks or other control characters',
      es: 'no debe contener saltos de línea u otros caracteres de control',
    },
  ],
])

const told = new Map<string, Text | null>()

/**
 * What a pattern of JSON Schema asks of a text, in words such as `must be 2 capital letters (A–Z), then
 * 3 digits`. Null where words would be harder to read than an example is.
 */
export const wordsOfPattern = (pattern: string): Text | null => {
  const known = told.get(pattern)
  if (known !== undefined) return known
  const words = visible.get(pattern) ?? sequenceWords(pattern)
  told.set(pattern, words)
  return words
}

/** A pattern read as a sequence of counted characters is told up to this many parts. */
const mostParts = 4

const sequenceWords = (pattern: string): Text | null => {
  const { alternatives } = parser.parsePattern(pattern, 0, pattern.length, { unicode: true })
  const [only, ...others] = alternatives
  const [first, ...rest] = only?.elements ?? []
  const last = rest.pop()
  if (others.length > 0 || first?.type !== 'Assertion' || last?.type !== 'Assertion') return null
  if (first.kind !== 'start' || last.kind !== 'end' || rest.length > mostParts) return null
  const parts = rest.map(partOf)
  if (parts.length === 0 || parts.some((part) => part === null)) return null
  const joined = (language: 'en' | 'es', then: string): string =>
    parts.map((part) => part?.[language]).join(then)
  return { en: `must be ${joined('en', ', then ')}`, es: `debe ser ${joined('es', ', luego ')}` }
}

const partOf = (element: AST.Element): Text | null => {
  const {
    min,
    max,
    element: counted,
  } = element.type === 'Quantifier' ? element : { min: 1, max: 1, element }
  const characters = charactersOf(counted)
  if (characters === null) return null
  const { en, es } = max === 1 ? characters.one : characters.many
  const count = countOf(min, max)
  return { en: `${count.en} ${en}`, es: `${count.es} ${es}` }
}

const countOf = (min: number, max: number): Text => {
  if (min === max) return both(String(min))
  if (max === Infinity) return { en: `at least ${min}`, es: `al menos ${min}` }
  return { en: `${min} to ${max}`, es: `de ${min} a ${max}` }
}

type Characters = { one: Text; many: Text }

const charactersOf = (element: AST.Element): Characters | null => {
  if (element.type === 'Character') return literal(element.raw)
  if (element.type === 'CharacterSet') return setOf([element])
  return element.type === 'CharacterClass' && !element.negate ? setOf(element.elements) : null
}

const setOf = (elements: readonly { type: string; raw: string }[]): Characters | null => {
  const sets = elements.map(({ type, raw }): Characters | null => {
    if (raw === String.raw`\d`) return named['0-9'] ?? null
    if (type === 'CharacterClassRange') return named[raw] ?? range(raw)
    return type === 'Character' ? literal(raw) : null
  })
  if (sets.length === 0 || sets.some((set) => set === null)) return null
  const join = (number: 'one' | 'many'): Text => ({
    en: listed(
      sets.flatMap((set) => set?.[number].en ?? []),
      'or',
    ).en,
    es: listed(
      sets.flatMap((set) => set?.[number].es ?? []),
      'or',
    ).es,
  })
  return { one: join('one'), many: join('many') }
}

const literal = (raw: string): Characters => {
  const quoted = both(raw === ' ' ? '" "' : `"${raw.replace(/^\\(?=\W)/, '')}"`)
  return { one: quoted, many: quoted }
}

const range = (raw: string): Characters => {
  const [from = '', to = ''] = raw.split('-')
  const words = both(`${from}–${to}`)
  return { one: words, many: words }
}
